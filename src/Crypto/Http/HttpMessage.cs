using System.Text;

namespace Agora.Crypto.Http;

/// <summary>A request as far as a signature can cover it (RFC 9421 §2).</summary>
/// <param name="Scheme"><c>https</c> or <c>http</c>.</param>
/// <param name="Authority">Host, and the port where it is not the scheme's own, in lower case.</param>
/// <param name="RequestTarget">Path and query as they stand in the request line: no two programs normalize alike.</param>
/// <param name="Lines">A field's values by its name in lower case, one for each line that has it. Empty if there is no such field.</param>
public sealed record HttpMessage(string Method, string Scheme, string Authority, string RequestTarget, Func<string, IReadOnlyList<string?>> Lines)
{
    /// <summary>A request that is about to be sent there.</summary>
    public static HttpMessage To(string method, Uri target, Func<string, IReadOnlyList<string?>> lines) => new(method, target.Scheme, AuthorityOf(target), target.PathAndQuery, lines);

    /// <summary>All lines of a field in one, joined by a comma and a space. Null if there is no such field.</summary>
    public string? Field(string name) => Lines(name) switch
    {
        [] => null,
        [var only] => only,
        var lines => string.Join(", ", lines.Select(static line => line?.Trim(' ', '\t'))),
    };

    /// <summary>Null: the message has no such component, or it is none that is known here.</summary>
    internal string? Component(string name) => name switch
    {
        "@method" => Method,
        "@target-uri" => $"{Scheme}://{Authority}{RequestTarget}",
        "@authority" => Authority,
        "@scheme" => Scheme,
        "@request-target" => RequestTarget,
        "@path" => RequestTarget.Split('?')[0],
        "@query" => RequestTarget.IndexOf('?', StringComparison.Ordinal) is >= 0 and var at ? RequestTarget[at..] : "?",
        ['@', ..] => null,
        _ when SignatureInput.IsAsBytes(name) => Bytes(name[..^SignatureInput.AsBytes.Length]),
        _ => Field(name)?.Trim(' ', '\t'),
    };

    /// <summary>Each line of a field as a byte sequence (RFC 9421 §2.1.3). Lines that are not of ASCII are of UTF-8, as they came.</summary>
    private string? Bytes(string name) => Lines(name) is { Count: > 0 } lines
        ? string.Join(", ", lines.Select(static line => StructuredField.OfBytes(Encoding.UTF8.GetBytes(line?.Trim(' ', '\t') ?? "")))) : null;

    private static string AuthorityOf(Uri target)
    {
        var host = (target.HostNameType == UriHostNameType.IPv6 ? target.Host : target.IdnHost).ToLowerInvariant();
        return target.IsDefaultPort ? host : $"{host}:{target.Port}";
    }
}
