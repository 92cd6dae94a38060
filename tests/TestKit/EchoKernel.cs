namespace Notebook.TestKit;

/// <summary>
/// A kernelspec that is not ours: a small kernel on ipykernel's base class, which knows Jupyter's messages alone. What its cells
/// do is in <see cref="Source"/>.
/// </summary>
public static class EchoKernel
{
    /// <summary>The kernelspec's name.</summary>
    public const string Name = "echo";

    private const string Spec = """
        {"argv": ["python3", "{resource_dir}/echo.py", "-f", "{connection_file}"], "display_name": "Echo", "language": "echo",
         "interrupt_mode": "signal", "env": {"ECHO_HOME": "${HOME}/echo"}, "metadata": {"colour": "blue"}}
        """;

    private const string Source = """
        import os
        import time

        from ipykernel.kernelapp import IPKernelApp
        from ipykernel.kernelbase import Kernel


        class Echo(Kernel):
            implementation, implementation_version, banner = "echo", "1", "echo"
            language_info = {"name": "echo", "mimetype": "text/plain", "file_extension": ".txt"}
            heard = []  # its variables

            def do_execute(self, code, silent, store_history=True, user_expressions=None, allow_stdin=False, **more):
                answer = {"status": "ok", "execution_count": self.execution_count, "payload": [], "user_expressions": {}}
                try:
                    if code == "die":
                        os._exit(3)
                    if code == "sleep":
                        self.say("asleep")
                        while True:
                            time.sleep(0.01)
                    elif code.startswith("env "):
                        self.say(os.environ.get(code[4:], "unset"))
                    elif code == "where":
                        self.say(os.getcwd())
                    elif code == "pid":
                        self.say(str(os.getpid()))
                    else:
                        self.heard.append(code)
                        self.say(" ".join(self.heard))
                except KeyboardInterrupt:
                    error = {"ename": "KeyboardInterrupt", "evalue": "", "traceback": []}
                    self.send_response(self.iopub_socket, "error", error)
                    answer = {"status": "error", "execution_count": self.execution_count, **error}
                return answer

            def say(self, text):
                self.send_response(self.iopub_socket, "stream", {"name": "stdout", "text": text})


        if __name__ == "__main__":
            IPKernelApp.launch_instance(kernel_class=Echo)
        """;

    /// <summary>Writes it into a folder of kernelspecs.</summary>
    public static void WriteTo(string folder)
    {
        var spec = Directory.CreateDirectory(Path.Combine(folder, Name)).FullName;
        File.WriteAllText(Path.Combine(spec, "kernel.json"), Spec);
        File.WriteAllText(Path.Combine(spec, "echo.py"), Source);
    }
}
