using System.Globalization;
using Agora.Core.Kernel;

namespace Agora.Core.Access;

/// <summary>Why a session does nothing, or not this, as its own stream, its runs and its user's stream say it.</summary>
public static class AccessRejection
{
    public static readonly Rejection Revoked = new(Codes.SessionRevoked, "The session was ended. Authenticate again with POST /agent/auth.");

    public static readonly Rejection Expired = new(Codes.SessionExpired, "The session has expired. Authenticate again with POST /agent/auth.");

    /// <summary>A session above was ended, and all below it with it; null: this very one.</summary>
    public static Rejection Ended(string? by) => by is null
        ? Revoked
        : AtNode(new(Codes.SessionRevoked, "A session above this one was ended, and this one with it."), by);

    public static Rejection Suspended(DateTimeOffset? until, DateTimeOffset now) => until is { } end
        ? new Rejection(
            Codes.SessionSuspended,
            "Too many attempts out of scope, requests far above the rate, or an operator, suspended this agent for this user until the time in resume_at.",
            RetryAfterSeconds: Math.Max(1, (long)Math.Ceiling((end - now).TotalSeconds))).With("resume_at", end.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.ffffff'Z'", CultureInfo.InvariantCulture))
        : new Rejection(Codes.SessionSuspended, "This agent may not act for this user until an operator lifts that: resumes the session or the user, starts the agent, or puts its grant again.");

    /// <param name="what">Server text.</param>
    /// <param name="value">A sponsor or a provider chose it: a fact, which no sentence of ours repeats.</param>
    public static Rejection OutOfScope(string what, string value) => new Rejection(
        Codes.ScopeViolation, $"The session's scopes do not allow the {what} that details names. Repeated attempts suspend the agent.").With(Fact.OutOfScope, value);

    public static readonly Rejection NoPeers = new(Codes.ScopeViolation, "The session's scopes allow no agent to talk to: allowed_peers names none. Repeated attempts suspend the agent.");

    /// <summary>A look at the agent's own inbox, conversations or webhook: it changes nothing and names no other agent, so it does not count as an attempt.</summary>
    public static readonly Rejection NoPeersToRead = new(Codes.ScopeViolation, "The session's scopes allow no agent to talk to: allowed_peers names none, so it does not show what other agents say either.");

    public static Rejection Invalid(IReadOnlyList<Detail> details) => new(Codes.ValidationFailed, Rejection.NotValid, Details: details);

    /// <summary>Which node of the tree refused; and, where one of its limits did, which.</summary>
    internal static Rejection AtNode(this Rejection rejection, string sessionId, string? limit = null) => rejection.AtNode("session", sessionId, limit);
}
