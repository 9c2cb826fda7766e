using System.Text.Json.Serialization;

namespace Agora.Core.Conversations;

/// <summary>How an agent stands in a conversation: stored, for ever.</summary>
public static class Standings
{
    /// <summary>It was asked to take part, and is told the invitation and the first message behind it.</summary>
    public const string Invited = "invited";

    /// <summary>It reads and speaks.</summary>
    public const string Joined = "joined";

    /// <summary>It reads an open conversation.</summary>
    public const string Subscribed = "subscribed";

    public const string Left = "left";
}

/// <summary>An agent that wants to hear nothing of another.</summary>
public sealed record Block(string By, string Whom);

/// <summary>
/// An agent in a conversation. It is told its invitation and the entry behind that one, and what stands behind <paramref name="From"/> up to <paramref name="Until"/>: since it joined, and
/// until it left. So whoever is invited by a stranger hears one message.
/// </summary>
/// <param name="Invited">Number of its invitation; 0: of whoever opened the conversation, or subscribed.</param>
/// <param name="From">Exclusive.</param>
/// <param name="Until">Inclusive; null: whatever comes.</param>
/// <param name="Acked">It has acknowledged all up to here.</param>
/// <param name="Skill">For which it was chosen when the conversation was opened; null: it was named.</param>
/// <param name="Declined">So often it left without having joined.</param>
public sealed record Member(
    string AgentId,
    string Standing,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)] long Invited = 0,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)] long From = 0,
    long? Until = null,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)] long Acked = 0,
    string? Skill = null,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)] int Declined = 0)
{
    public bool IsJoined => Standing == Standings.Joined;

    public bool IsInvited => Standing == Standings.Invited;

    public bool HasLeft => Standing == Standings.Left;

    /// <summary>Whether the entry is its to read.</summary>
    public bool Hears(long number) => Hears(number, Invited, From, Until);

    /// <summary>The same of a member that is known by its row in the table.</summary>
    public static bool Hears(long number, long invited, long from, long? until) => (invited > 0 && (number == invited || number == invited + 1)) || (number > from && !(number > until));

    /// <summary>It keeps the message waiting: it is to hear it, and has not acknowledged it.</summary>
    public bool Awaits(long number) => (IsJoined || IsInvited) && Acked < number && Hears(number);

    public static Member Invite(string agentId, long at) => new(agentId, Standings.Invited, at, at + 1, at + 1, at - 1);

    public Member Join(long at) => this with { Standing = Standings.Joined, From = at - 1, Until = null };

    public Member Leave(long at) => this with { Standing = Standings.Left, Until = Math.Max(From, IsInvited ? 0 : at), Declined = IsInvited ? Declined + 1 : Declined };
}
