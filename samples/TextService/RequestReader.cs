using System.Text.Json;
using Microsoft.AspNetCore.Http;

namespace Agora.Samples.TextService;

/// <summary>A request that cannot be served, with the status and the sentence it is answered with.</summary>
internal sealed class BadRequestException(int status, string code, string message) : Exception(message)
{
    public int Status { get; } = status;

    public string Code { get; } = code;
}

internal static class RequestReader
{
    public const int MaxBodyBytes = 256 * 1024;

    /// <exception cref="BadRequestException">Too large or of another type.</exception>
    public static async Task<byte[]> ReadBody(HttpRequest request)
    {
        if (!request.HasJsonContentType())
            throw new BadRequestException(415, "unsupported_media_type", "The body must be application/json.");
        try
        {
            using var body = new MemoryStream();
            await request.Body.CopyToAsync(body, request.HttpContext.RequestAborted);
            return body.ToArray();
        }
        catch (BadHttpRequestException failure)
        {
            throw new BadRequestException(failure.StatusCode, "bad_body", $"The body cannot be read; it may be at most {MaxBodyBytes} bytes.");
        }
    }

    /// <exception cref="BadRequestException">Not JSON, not of this shape, or out of its bounds.</exception>
    public static TRequest Parse<TRequest>(byte[] body)
        where TRequest : ITextRequest
    {
        TRequest? request;
        try
        {
            request = JsonSerializer.Deserialize<TRequest>(body, Wire.Options);
        }
        catch (JsonException failure)
        {
            throw Invalid($"The body is not the JSON object that this route takes (at {failure.Path ?? "$"}); GET / tells what it takes.");
        }
        if (request is null)
            throw Invalid("The body must be a JSON object.");
        return request.Problem() is { } problem ? throw Invalid(problem) : request;
    }

    private static BadRequestException Invalid(string message) => new(400, "invalid_request", message);
}
