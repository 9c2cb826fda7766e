using Agora.Core.Kernel;
using Agora.Grains.Kernel;

namespace Agora.Application.Calls;

/// <summary>Refusals of requests that find no place (<see cref="FairPlaces"/>). Each says when to send the request again.</summary>
internal static class Crowded
{
    private const int RetryAfterSeconds = 5;

    /// <param name="code"><c>rate_limited</c> on agents' routes, <c>unavailable</c> on all others.</param>
    /// <param name="full">The level whose places are all taken.</param>
    public static Rejection Refusal(string code, PlaceLevel full) => NoRoom(full switch
    {
        PlaceLevel.Session => "This session has too many requests of this kind open on this server. Close one of them, or send this one again later.",
        PlaceLevel.User => "The agent or user of this request has too many requests of this kind open on this server. Close one of them, or send this one again later.",
        PlaceLevel.Tenant => "This tenant has too many requests of this kind open on this server. Send this one again later.",
        _ => "Too many requests of this kind are open on this server. Send this one again later.",
    }) with { Code = code };

    /// <param name="message">What this server has too much of.</param>
    public static Rejection NoRoom(string message) => new(Codes.Unavailable, message, RetryAfterSeconds: RetryAfterSeconds, Retry: true);
}
