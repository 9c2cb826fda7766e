using System.Collections.Immutable;
using Agora.Core.Access;
using Agora.Core.Kernel;

namespace Agora.Core.Sessions;

/// <summary>A session that this one has delegated to.</summary>
/// <param name="ExpiresAt">By this stream's time.</param>
/// <param name="Opening">Until the user's stream has answered: what it is asked for.</param>
public sealed record Child(
    string SessionId, string AgentId, DateTimeOffset ExpiresAt, Delegation? Opening = null);

/// <param name="CommandId">The command whose answer it becomes.</param>
public sealed record Delegation(Guid CommandId, Scopes Scopes, long BudgetLimitMicros, int ExpiresInSeconds, AuditLine Line);

/// <summary>What a session knows of the sessions around it.</summary>
/// <param name="Path">The sessions above, root first; empty: opened by auth.</param>
/// <param name="Children">Those that have ended go at once, those that expired when the next is opened.</param>
/// <param name="Openings">Children that the user's stream has yet to open.</param>
/// <param name="Holds">Of runs below.</param>
/// <param name="EndedBy">The session above with which this one ended; null: it is live, or its own holder ended it.</param>
/// <param name="ParentKnows">The parent counts this session as ended.</param>
public sealed record SessionTree(
    ImmutableArray<PathNode> Path, ImmutableSortedDictionary<string, Child> Children, int Openings, HoldBook Holds, string? EndedBy, bool ParentKnows)
{
    public static readonly SessionTree Alone = new([], ImmutableSortedDictionary.Create<string, Child>(StringComparer.Ordinal), 0, HoldBook.Empty, null, false);

    public SessionTree Opening(Child child) => this with { Children = Children.Add(child.SessionId, child), Openings = Openings + 1 };

    public SessionTree Opened(string sessionId) => this with { Children = Children.SetItem(sessionId, Children[sessionId] with { Opening = null }), Openings = Openings - 1 };

    public SessionTree Refused(string sessionId) => this with { Children = Children.Remove(sessionId), Openings = Openings - 1 };

    public SessionTree WithoutExpired(DateTimeOffset at) => this with
    {
        Children = Children.RemoveRange(Children.Values.Where(c => c.ExpiresAt <= at && c.Opening is null).Select(c => c.SessionId)),
    };
}

/// <summary>
/// The session as a node of the tree: what is above and below it, and what runs below hold of its budget. Such a hold is decided by
/// the stream of the session whose run it is, and by nobody else.
/// <para>Bounds: <see cref="Limits.TreeDepth"/> sessions on a path, <see cref="Limits.LiveChildren"/> live children.</para>
/// </summary>
public sealed partial record SessionState
{
    private const string BudgetLine = "budget";
    private const string TokensLine = "tokens";

    /// <summary>Apart from the rest, for most sessions stand alone and have nothing in it.</summary>
    public SessionTree Tree { get; init; } = SessionTree.Alone;

    public override ImmutableArray<PathNode> Path => Tree.Path;

    public ImmutableSortedDictionary<string, Child> Children => Tree.Children;

    public HoldBook Holds => Tree.Holds;

    public override string? EndedBy => Tree.EndedBy;

    public bool ParentKnows => Tree.ParentKnows;

    public string Root => Path.IsEmpty ? SessionId : Path[0].SessionId;

    public int Depth => Path.Length + 1;

    public bool OwesParent => RevokedAt is not null && !Path.IsEmpty && !ParentKnows;

    public static long AmountOf(Hold hold) => hold.Lines[0].Amount;

    public int LiveChildren(DateTimeOffset now) => Children.Values.Count(c => c.ExpiresAt > now);

    public IReadOnlyList<string> OpenChildren(DateTimeOffset now) => [.. Children.Values.Where(c => c.Opening is null && c.ExpiresAt > now).Select(c => c.SessionId)];

    /// <summary>Null: it is for no model's call.</summary>
    public static long? TokensOf(Hold hold) => hold.Lines.Length > 1 ? hold.Lines[1].Amount : null;

    private SessionState Reserve(SessionEvent.HoldReserved e, DateTimeOffset at) => this with
    {
        Budget = Budget.Reserve(e.AmountMicros),
        ModelUse = e.Tokens is { } tokens ? ModelUse.Begin(tokens, at) : ModelUse,
        Tree = Tree with { Holds = Holds.Add(new(e.HoldId, e.Owner, e.RunId, e.Tokens is { } most ? [new(BudgetLine, e.AmountMicros), new(TokensLine, most)] : [new(BudgetLine, e.AmountMicros)], at)) },
    };

    /// <param name="posted">Null: the hold is voided.</param>
    private SessionState Decide(Guid holdId, long? posted, long tokens, DateTimeOffset at) => this with
    {
        Budget = Holds.Open.TryGetValue(holdId, out var hold) ? Budget.End(AmountOf(hold), posted) : Budget,
        ModelUse = hold is not null && TokensOf(hold) is { } held ? ModelUse.End(held, posted is null ? null : tokens, at) : ModelUse,
        Tree = Tree with { Holds = Holds.Decide(holdId, posted is not null, at) },
    };
}
