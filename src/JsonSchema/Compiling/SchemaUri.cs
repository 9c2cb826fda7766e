using System.Text;

namespace Agora.JsonSchema.Compiling;

/// <summary>
/// References of RFC 3986, section 5.2, as plain text: System.Uri rewrites what it reads (`urn:`, case, escapes), and ids
/// must be compared as they are written.
/// </summary>
internal static class SchemaUri
{
    private readonly record struct Parts(string? Scheme, string? Authority, string Path, string? Query, string? Fragment);

    public static (string Uri, string Fragment) Split(string uri)
    {
        int mark = uri.IndexOf('#', StringComparison.Ordinal);
        return mark < 0 ? (uri, "") : (uri[..mark], uri[(mark + 1)..]);
    }

    public static bool IsAbsolute(string uri) => Parse(uri).Scheme is not null;

    public static string Resolve(string baseUri, string reference)
    {
        var r = Parse(reference);
        var b = Parse(baseUri);
        var target = r switch
        {
            { Scheme: not null } => r with { Path = RemoveDots(r.Path) },
            { Authority: not null } => r with { Scheme = b.Scheme, Path = RemoveDots(r.Path) },
            { Path: "" } => b with { Query = r.Query ?? b.Query, Fragment = r.Fragment },
            _ => b with { Path = RemoveDots(Merge(b, r.Path)), Query = r.Query, Fragment = r.Fragment },
        };
        return Write(target);
    }

    private static Parts Parse(string uri)
    {
        string? scheme = null, authority = null, query = null;
        (string rest, string mark) = Split(uri);
        string? fragment = rest.Length < uri.Length ? mark : null;
        int question = rest.IndexOf('?', StringComparison.Ordinal);
        if (question >= 0)
            (rest, query) = (rest[..question], rest[(question + 1)..]);
        int colon = rest.IndexOf(':', StringComparison.Ordinal);
        if (colon > 0 && !rest.AsSpan(0, colon).Contains('/'))
            (scheme, rest) = (rest[..colon], rest[(colon + 1)..]);
        if (rest.StartsWith("//", StringComparison.Ordinal))
        {
            int slash = rest.IndexOf('/', 2);
            (authority, rest) = slash < 0 ? (rest[2..], "") : (rest[2..slash], rest[slash..]);
        }
        return new Parts(scheme, authority, rest, query, fragment);
    }

    private static string Merge(Parts b, string path)
    {
        if (path.StartsWith('/'))
            return path;
        return b.Authority is not null && b.Path.Length == 0 ? "/" + path : b.Path[..(b.Path.LastIndexOf('/') + 1)] + path;
    }

    private static string RemoveDots(string path)
    {
        if (!path.Contains("./", StringComparison.Ordinal) && !path.EndsWith('.'))
            return path;
        var kept = new List<string>();
        string[] segments = path.Split('/');
        foreach (string segment in segments)
        {
            if (segment == ".." && kept.Count > 1)
                kept.RemoveAt(kept.Count - 1);
            else if (segment is not ("." or ".."))
                kept.Add(segment);
        }
        if (segments[^1] is "." or "..")
            kept.Add("");
        return string.Join('/', kept);
    }

    private static string Write(Parts parts)
    {
        var text = new StringBuilder();
        if (parts.Scheme is not null)
            text.Append(parts.Scheme).Append(':');
        if (parts.Authority is not null)
            text.Append("//").Append(parts.Authority);
        text.Append(parts.Path);
        if (parts.Query is not null)
            text.Append('?').Append(parts.Query);
        if (parts.Fragment is not null)
            text.Append('#').Append(parts.Fragment);
        return text.ToString();
    }
}
