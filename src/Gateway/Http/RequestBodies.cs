namespace Notebook.Gateway.Http;

/// <summary>Takes the bodies of requests in, none larger than 1 MiB, and refuses those that make no sense.</summary>
internal sealed class RequestBodies(GatewayCounters counters)
{
    private const int MaxBytes = 1 << 20;

    /// <summary>The body; null when it is too large.</summary>
    public static async Task<ReadOnlyMemory<byte>?> ReadAsync(HttpRequest request)
    {
        if (request.ContentLength > MaxBytes) return null;
        using var body = new MemoryStream();
        var buffer = new byte[8192];
        for (int read; (read = await request.Body.ReadAsync(buffer, request.HttpContext.RequestAborted)) > 0;)
        {
            body.Write(buffer, 0, read);
            if (body.Length > MaxBytes) return null;
        }

        return body.GetBuffer().AsMemory(0, (int)body.Length);
    }

    public IResult Malformed(string fault)
    {
        counters.Add(GatewayCounters.MalformedRequests);
        return Errors.BadRequest(fault);
    }

    public IResult TooLarge()
    {
        counters.Add(GatewayCounters.OversizedMessages);
        return Errors.Json(StatusCodes.Status413PayloadTooLarge, $"the body of a request has at most {MaxBytes} bytes", "Payload Too Large");
    }
}
