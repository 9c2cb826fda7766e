namespace Agora.Crypto.Http;

/// <summary>A request as far as a signature can cover it (RFC 9421 §2).</summary>
/// <param name="Scheme"><c>https</c> or <c>http</c>.</param>
/// <param name="Authority">Host, and the port where it is not the scheme's own, in lower case.</param>
/// <param name="RequestTarget">Path and query as they stand in the request line: no two programs normalize alike.</param>
/// <param name="Field">A field's value by its name in lower case; of several lines, joined by a comma and a space. Null: it is not there.</param>
public sealed record HttpMessage(string Method, string Scheme, string Authority, string RequestTarget, Func<string, string?> Field)
{
    /// <summary>A request that is about to be sent there.</summary>
    public static HttpMessage To(string method, Uri target, Func<string, string?> field) => new(method, target.Scheme, AuthorityOf(target), target.PathAndQuery, field);

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
        _ => Field(name)?.Trim(' ', '\t'),
    };

    private static string AuthorityOf(Uri target)
    {
        var host = (target.HostNameType == UriHostNameType.IPv6 ? target.Host : target.IdnHost).ToLowerInvariant();
        return target.IsDefaultPort ? host : $"{host}:{target.Port}";
    }
}
