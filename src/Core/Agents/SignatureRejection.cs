using System.Globalization;
using Agora.Core.Kernel;

namespace Agora.Core.Agents;

/// <summary>Why a signed request is refused; a fault is one word, which never changes (docs/errors.md).</summary>
public static class SignatureRejection
{
    public const string UnknownKey = "unknown_key";
    public const string RevokedKey = "revoked_key";
    public const string OtherKey = "other_key";
    public const string Replayed = "replayed";

    /// <summary>Of the fact that is the word.</summary>
    public const string Fault = "fault";

    public static Rejection Of(string fault) => Of(fault, fault switch
    {
        UnknownKey => "keyid names no registered agent, or not as tenant.agent#thumbprint.",
        RevokedKey => "The agent's key was revoked: nothing that it signs counts any more.",
        OtherKey => "keyid names another key than the agent's card has now: it was rotated away, or never was the agent's.",
        Replayed => "This request came before: each is signed with a nonce of its own.",
        _ => throw new ArgumentOutOfRangeException(nameof(fault), fault, "This fault has no sentence of its own."),
    });

    public static Rejection Of(string fault, string message) => new Rejection(Codes.SignatureRefused, message).With(Fault, fault);

    /// <param name="seconds">By so many later than it was a request has to be signed.</param>
    public static Rejection Before(long seconds) => new(
        Codes.Unavailable,
        string.Create(CultureInfo.InvariantCulture, $"What was signed at that second may have been admitted before, by a process that is gone: sign the request anew, in {seconds} s."),
        RetryAfterSeconds: seconds,
        Retry: true);

    public static Rejection TooMany(long seconds) => new Rejection(
        Codes.RateLimited,
        string.Create(CultureInfo.InvariantCulture, $"The agent signed more than {Limits.SignedRequests} requests within {2 * Limits.SignedApart.TotalSeconds} s: sign this one anew, in {seconds} s."),
        RetryAfterSeconds: seconds).AtMost("signed_requests", Limits.SignedRequests);
}
