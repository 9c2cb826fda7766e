using System.Text.Json.Serialization;
using Agora.Core.Kernel;

namespace Agora.Core.Agents;

/// <summary>
/// Closed union; answers: PutAgent, Get → <see cref="AgentView"/> (Get of one that nothing has happened to: not_found); IssueKey → <see cref="KeyIssued"/>; RevokeKey → <see cref="KeyRevoked"/> or not_found;
/// Stop, Start → <see cref="AgentView"/>; ListKeys → <see cref="AgentKeysView"/> or not_found; PutCard, RevokeCard → <see cref="AgentCard"/>, not_found or key_mismatch; TakeLease → <see cref="AgentLease"/>, not_found or key_mismatch; GetPresence → <see cref="AgentPresence"/>; GetStanding → <see cref="AgentStanding"/>; Block, Unblock → <see cref="PeerBlock"/>; Blocks → <see cref="BlockList"/>; Invitations → <see cref="InvitationList"/>; NoteInvitations → nothing, or rate_limited; FileReport → <see cref="Report"/> or rate_limited; ResolveReport → <see cref="ReportResolved"/> or not_found; Admit → <see cref="RequestAdmitted"/>, signature_refused, session_suspended, rate_limited or unavailable; VerifyCard → <see cref="KeyAccepted"/>, signature_refused or session_suspended; VerifyKey → <see cref="KeyAccepted"/>, unauthorized, or session_suspended where the agent is stopped (a query; constant time).
/// </summary>
public abstract record AgentCommand
{
    private AgentCommand()
    {
    }

    /// <param name="Owner">Who is behind the agent; null: nobody says.</param>
    public sealed record PutAgent(string? Owner, Replacing? Replacing = null) : AgentCommand;

    public sealed record Get : AgentCommand;

    /// <param name="Hash">SHA-256 of the key's text, lower-case hex: the key itself is never stored.</param>
    /// <param name="ExpiresAt">Absolute, as the operator gave it; null: never.</param>
    /// <param name="UserId">The only user for whom it opens sessions; null: any.</param>
    public sealed record IssueKey(string Hash, DateTimeOffset? ExpiresAt, string? UserId = null) : AgentCommand;

    /// <summary>What it opened ends at every user, before the answer.</summary>
    public sealed record RevokeKey(string KeyId) : AgentCommand;

    /// <summary>The agent acts for nobody until it is started again: every user at whom it has live sessions is told, before the answer.</summary>
    public sealed record Stop(string Reason) : AgentCommand;

    public sealed record Start(string Reason) : AgentCommand;

    public sealed record VerifyKey(string Hash) : AgentCommand;

    public sealed record ListKeys : AgentCommand;

    /// <summary>What stands afterwards is the merge of both; the agent's first card binds its id to the key that it begins with.</summary>
    /// <param name="Card">Verified: every signature of it.</param>
    public sealed record PutCard(SignedCard Card) : AgentCommand;

    /// <summary>For ever: no card of the agent counts any more. What it opened ends at every user, before the answer.</summary>
    /// <param name="Word">Verified: of the first key or of any that follows from it by rotations, whichever of them stand; or an operator's.</param>
    /// <param name="Genesis">The first key; null: it is no key's word.</param>
    public sealed record RevokeCard(string Word, string? Genesis) : AgentCommand;

    /// <summary>The agent is there, and will be for so long. Of those that say little new most leave no row.</summary>
    public sealed record TakeLease(int Seconds) : AgentCommand;

    /// <summary>A signed request, once: its signature was verified.</summary>
    /// <param name="Key">By which it was signed, 32 bytes in base64url.</param>
    /// <param name="Created">When it says that it was signed, in seconds of Unix time.</param>
    /// <param name="Nonce">A hash of what tells it from others.</param>
    public sealed record Admit(string Key, long Created, Guid Nonce) : AgentCommand;

    /// <summary>Whether a request that was admitted would still be, but for its nonce.</summary>
    /// <param name="Key">By which it was signed.</param>
    public sealed record VerifyCard(string Key) : AgentCommand;

    /// <summary>Whether it is there to be asked for something, by its own stream: what others know of it may be older.</summary>
    /// <param name="By">The agent that would ask it; null: none in particular.</param>
    public sealed record GetPresence(string? By = null) : AgentCommand;

    /// <summary>Whether it may still act as it came once.</summary>
    /// <param name="By">The id of a key of its own, or <see cref="Users.Openers.Card"/>; null: within a session, which stands by itself.</param>
    public sealed record GetStanding(string? By) : AgentCommand;

    /// <summary>It wants to hear nothing more of another. Conversations in which both are have to be told.</summary>
    public sealed record Block(string AgentId) : AgentCommand;

    public sealed record Unblock(string AgentId) : AgentCommand;

    public sealed record Blocks : AgentCommand;

    /// <summary>It is about to invite these to a conversation.</summary>
    /// <param name="By">The command that invites them: repeated, it counts once.</param>
    public sealed record NoteInvitations(Guid By, string ConversationId, IReadOnlyList<string> Agents) : AgentCommand;

    /// <summary>Of agents that have not answered, as far as it is known here.</summary>
    public sealed record Invitations : AgentCommand;

    /// <summary>These count no more.</summary>
    /// <param name="Answered">Agents that took part: from now on they may be invited as often as one likes.</param>
    public sealed record EndInvitations(IReadOnlyList<Invitation> Ended, IReadOnlyList<string> Answered) : AgentCommand;

    /// <param name="ConversationId">Null: the agent as such is reported.</param>
    public sealed record FileReport(string AgentId, string Reason, string? ConversationId, long? Number) : AgentCommand;

    public sealed record ResolveReport(Guid ReportId, string Outcome) : AgentCommand;

    /// <summary>Every user was told, or one was out of reach. Own command.</summary>
    internal sealed record Told(Guid CommandId, bool Reached) : AgentCommand;

    public sealed record Tick : AgentCommand;
}

/// <param name="Dropped">Of the answer to a put: members that lost their values to it.</param>
public sealed record AgentView(
    string AgentId,
    string? Owner,
    DateTimeOffset UpdatedAt,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)] bool Stopped = false,
    IReadOnlyList<string>? Dropped = null)
{
    public string Etag => EntityTags.Of(Owner ?? "");
}

public sealed record KeyIssued(string KeyId, DateTimeOffset? ExpiresAt, string? UserId = null);

/// <summary>Its keys, the newest first; of those that open nothing any more the newest alone (<see cref="AgentState"/>).</summary>
public sealed record AgentKeysView(string AgentId, IReadOnlyList<AgentKeyView> Keys);

/// <param name="Fingerprint">The first characters of the hash of the key's text: whoever has the text can tell which one it is, and whoever has this has nothing.</param>
public sealed record AgentKeyView(string KeyId, string Fingerprint, DateTimeOffset CreatedAt, DateTimeOffset? ExpiresAt, DateTimeOffset? RevokedAt, bool Live, string? UserId = null);

public sealed record KeyRevoked(string KeyId, DateTimeOffset RevokedAt);

/// <param name="Revision">Of the agent's standing: it runs, as of this one.</param>
/// <param name="UserId">The only user for whom it opens sessions; null: any.</param>
public sealed record KeyAccepted(
    string KeyId,
    DateTimeOffset? ExpiresAt = null,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)] long Revision = 0,
    string? UserId = null);

/// <param name="Until">Nothing that was signed after this second is admitted before a later one is taken.</param>
/// <param name="Revision">Of the agent's standing: it runs, as of this one.</param>
public sealed record RequestAdmitted(long Until, [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)] long Revision = 0);

/// <param name="Online">It has a card that is not revoked, its lease runs, and no operator has stopped it.</param>
public sealed record AgentPresence(bool Online);

/// <param name="Refused">Why not, in a few words; null: it may.</param>
public sealed record AgentStanding(string? Refused);
