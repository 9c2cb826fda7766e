using System.Net.Http.Headers;
using System.Text;

namespace Agora.Api.Tests.BadInput;

/// <summary>Whose credential a request carries.</summary>
internal enum As
{
    Nobody,
    Agent,
    Platform,
    Operator,
}

/// <summary>One request that is wrong, and what it gets.</summary>
/// <param name="Body">As sent, byte for byte.</param>
internal sealed record BadRequest(string Name, As As, string Method, string Path, byte[]? Body, int Status, string Code)
{
    public string? ContentType { get; init; } = "application/json";

    public bool Chunked { get; init; }

    public IReadOnlyList<(string Name, string Value)> Headers { get; init; } = [];

    /// <summary>A credential of its own, in place of <see cref="As"/>'s.</summary>
    public Func<string, string>? Credential { get; init; }

    /// <summary>Path and keyword of a violation that must be named.</summary>
    public (string Path, string Keyword)? Violation { get; init; }

    public static BadRequest Of(string name, As @as, string method, string path, string? body, int status, string code) =>
        new(name, @as, method, path, body is null ? null : Encoding.UTF8.GetBytes(body), status, code);

    public HttpRequestMessage Message()
    {
        var message = new HttpRequestMessage(new HttpMethod(Method), Path);
        if (Body is not null)
        {
            message.Content = Chunked ? new StreamContent(new MemoryStream(Body)) : new ByteArrayContent(Body);
            message.Headers.TransferEncodingChunked = Chunked;
            if (ContentType is not null)
            {
                message.Content.Headers.ContentType = MediaTypeHeaderValue.Parse(ContentType);
            }
        }

        foreach (var (name, value) in Headers)
        {
            message.Headers.TryAddWithoutValidation(name, value);
        }

        return message;
    }

    public override string ToString() => Name;
}
