namespace Notebook.Gateway.Kernels;

/// <summary>Which requests mean that somebody uses the kernel: not those that clients send by themselves, to learn of it or to show how it does.</summary>
internal static class UserActivity
{
    private static readonly HashSet<string> s_byThemselves =
    [
        "kernel_info_request", "comm_info_request", "connect_request", "usage_request",
        "create_subshell_request", "delete_subshell_request", "list_subshell_request",
    ];

    public static bool Counts(string messageType) => !s_byThemselves.Contains(messageType);
}
