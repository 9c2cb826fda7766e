using Agora.Core.Kernel;

namespace Agora.Core.Tests.Sessions;

/// <summary>
/// The tree of limits as naively as it can be written: facts, and everything else added up anew from all runs whenever it is asked for.
/// It knows nothing of holds, streams or messages.
/// </summary>
internal sealed class TreeModel
{
    public sealed record Node(string Id, string Agent, Node? Parent, long Limit, DateTimeOffset ExpiresAt, bool AllScopes)
    {
        public bool Revoked { get; set; }

        /// <summary>From this one to the root.</summary>
        public IReadOnlyList<Node> Up => field ??= Parent is null ? [this] : [this, .. Parent.Up];

        public int Depth => Up.Count;

        public string Root => Up[^1].Agent;
    }

    /// <param name="Least">What was left above its session when it was reserved; null: no limit there.</param>
    public sealed record Run(Guid Id, Node Node, long Price, bool Metered, DateTimeOffset Day, long? Least)
    {
        /// <summary>Null while it is under way; 0 of one that failed.</summary>
        public long? Cost { get; set; }

        public long Counts => Cost ?? Price;
    }

    /// <summary>Which node refuses, and what is left there.</summary>
    public sealed record Refusal(string Kind, string Id, string Limit, long Remaining);

    public List<Node> Nodes { get; } = [];

    public List<Run> Runs { get; } = [];

    public HashSet<string> Suspended { get; } = [];

    public Dictionary<string, long?> GrantTotals { get; } = [];

    public long? DailyCap { get; set; }

    public long? MonthlyCap { get; set; }

    public long Spent(Node node) => Sum(r => r.Cost is not null && IsBelow(r, node));

    public long Held(Node node) => Sum(r => r.Cost is null && IsBelow(r, node));

    public long Remaining(Node node) => Math.Max(0, node.Limit - Sum(r => IsBelow(r, node)));

    /// <summary>Codes with which the session refuses everything; none: it is live.</summary>
    public IReadOnlyList<string> Ended(Node node, DateTimeOffset now)
    {
        var codes = new List<string>();
        if (node.Up.Any(n => n.Revoked))
        {
            codes.Add(Codes.SessionRevoked);
        }

        if (now >= node.ExpiresAt)
        {
            codes.Add(Codes.SessionExpired);
        }

        if (codes.Count == 0 && node.Up.Any(n => Suspended.Contains(n.Agent)))
        {
            codes.Add(Codes.SessionSuspended);
        }

        return codes;
    }

    public int LiveChildren(Node node, DateTimeOffset now) => Nodes.Count(n => ReferenceEquals(n.Parent, node) && !n.Revoked && now < n.ExpiresAt);

    /// <summary>What a sub-session would exceed; null: nothing.</summary>
    public string? Exceeded(Node parent, string agent, long? limit, bool wide, int? seconds, DateTimeOffset now) =>
        parent.Up.Any(n => n.Agent == agent) ? "cycle"
        : parent.Depth >= 8 ? "depth"
        : LiveChildren(parent, now) >= 32 ? "children"
        : wide && !parent.AllScopes ? "allowed_categories"
        : limit > parent.Limit ? "budget_limit_cents"
        : seconds > (parent.ExpiresAt - now).TotalSeconds ? "expires_in_seconds"
        : null;

    /// <summary>The leaf refuses before anybody else is asked; then each session above that has too little, and the first of the user's limits.</summary>
    public IReadOnlyList<Refusal> Refusals(Node node, long price, DateTimeOffset now)
    {
        if (Remaining(node) < price) return [Over(node)];

        var above = node.Up.Skip(1).Where(n => Remaining(n) < price).Select(Over);
        return [.. above, .. UserLimits(node, now).Where(l => l.Remaining < price).Take(1)];

        Refusal Over(Node n) => new("session", n.Id, "session", Remaining(n));
    }

    public long? LeastAbove(Node node, long price, DateTimeOffset now)
    {
        var left = node.Up.Skip(1).Select(Remaining).Concat(UserLimits(node, now).Select(l => l.Remaining)).Select(r => r - price).ToList();
        return left.Count == 0 ? null : left.Min();
    }

    /// <summary>A limit binds all that was ever run under it, also while it did not stand.</summary>
    public IEnumerable<Refusal> UserLimits(Node node, DateTimeOffset now)
    {
        if (GrantTotals.GetValueOrDefault(node.Root) is { } total)
        {
            yield return Of("grant", node.Root, "grant_total", total, r => r.Node.Root == node.Root);
        }

        if (DailyCap is { } day)
        {
            yield return Of("user", "u1", "daily_cap", day, r => r.Day.Date == now.Date);
        }

        if (MonthlyCap is { } month)
        {
            yield return Of("user", "u1", "monthly_cap", month, r => (r.Day.Year, r.Day.Month) == (now.Year, now.Month));
        }

        Refusal Of(string kind, string id, string name, long limit, Func<Run, bool> counts) =>
            new(kind, id, name, Math.Max(0, limit - Sum(counts)));
    }

    private static bool IsBelow(Run run, Node node) => run.Node.Depth >= node.Depth && ReferenceEquals(run.Node.Up[run.Node.Depth - node.Depth], node);

    private long Sum(Func<Run, bool> counts)
    {
        var sum = 0L;
        foreach (var run in Runs)
        {
            sum += counts(run) ? run.Counts : 0;
        }

        return sum;
    }
}
