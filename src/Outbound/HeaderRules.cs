using System.Buffers;

namespace Agora.Outbound;

/// <summary>What may be sent as a service's own auth header (RFC 9110 §5.1, §5.5).</summary>
public static class HeaderRules
{
    private static readonly SearchValues<char> TokenCharacters =
        SearchValues.Create("!#$%&'*+-.^_`|~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz");

    // These frame the message or are set by us: a service's configuration that could set them could smuggle a second request.
    private static readonly HashSet<string> Reserved = new(StringComparer.OrdinalIgnoreCase)
    {
        "Agora-Max-Cost-Cents", "Agora-Try", "Connection", "Content-Encoding", "Content-Length", "Content-Type", "Cookie", "Expect", "Host", "Idempotency-Key",
        "Keep-Alive", "Proxy-Authorization", "Proxy-Connection", "TE", "Trailer", "Traceparent", "Tracestate",
        "Transfer-Encoding", "Upgrade",
    };

    /// <summary>Null when a service may have the header as its own, else a sentence that says why not.</summary>
    public static string? Check(string name, string value) => IsOfSignature(name) ? SetBySystem(name) : CheckSent(name, value);

    /// <summary>A service that was registered before calls were signed may have one of these as its own: it is called with that, and unsigned.</summary>
    internal static bool IsOfSignature(string name) =>
        name.Equals("Signature", StringComparison.OrdinalIgnoreCase) || name.Equals("Signature-Input", StringComparison.OrdinalIgnoreCase);

    /// <summary>Null when the header may be sent.</summary>
    internal static string? CheckSent(string name, string value, bool mayBeEmpty = false) =>
        name.Length is 0 or > 128 || name.AsSpan().ContainsAnyExcept(TokenCharacters)
            ? "The name of the auth header must be 1 to 128 characters of an HTTP token."
        : Reserved.Contains(name) || name.StartsWith("Content-", StringComparison.OrdinalIgnoreCase)
            ? SetBySystem(name)
        : (value.Length == 0 && !mayBeEmpty) || value.Length > OutboundLimits.MaxAuthValueCharacters || value.AsSpan().Trim(' ').Length != value.Length
          || value.AsSpan().ContainsAnyExceptInRange(' ', '~')
            ? "The value of the auth header must be 1 to 8192 printable ASCII characters without spaces at its ends."
        : null;

    internal static bool IsVisibleAscii(string value) => !value.AsSpan().ContainsAnyExceptInRange('!', '~');

    private static string SetBySystem(string name) => $"The auth header cannot be {name}: that header is set by the system.";
}
