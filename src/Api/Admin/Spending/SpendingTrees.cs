using Agora.Api.Refunds;
using Agora.Application.Calls;
using Agora.Application.Reading;
using Agora.Contracts;
using Agora.Core;
using Agora.Core.Kernel;
using Agora.Core.Runs;
using Agora.Core.Sessions;
using Agora.Core.Users;
using Agora.Grains.Kernel;
using Agora.Journal;
using Agora.Web;

namespace Agora.Api.Admin.Spending;

/// <summary>
/// Reads what sessions spent. Which there are below one says the table of sessions, also of those that are over; what each spent say its runs, calls and refunds, row by row; its budget says the session itself.
/// <para>Bounds: <see cref="Limits.SpendingNodes"/> sessions, those further up first, and <see cref="Limits.SpendingRuns"/> runs of all of them together. What is beyond them is in the budgets all the same, so that
/// each node says how much of its budget its sums do not have.</para>
/// </summary>
internal sealed class SpendingTrees(IEntities entities, ITables tables, TableReader reader, IRecordedStates recorded)
{
    /// <returns>Null: there is no such session.</returns>
    public async Task<SpendingTree?> Of(OperatorCall call, string sessionId)
    {
        if (await Peek(call, sessionId) is not { } root) return null;

        var (views, hasMore) = await Below(call, root);
        var (byParent, nodes, left) = (views.Skip(1).ToLookup(static view => view.ParentSessionId, StringComparer.Ordinal), new List<SpendingNode>(), Limits.SpendingRuns);
        foreach (var view in Ordered(root, byParent))
        {
            var (own, read) = await Own(call, view, left);
            hasMore |= read > left;
            left -= Math.Min(read, left);
            nodes.Add(new(view, own));
        }

        foreach (var node in nodes.AsEnumerable().Reverse())
        {
            node.Below = [.. nodes.Where(other => other.View.ParentSessionId == node.View.SessionId)];
        }

        return new(nodes, hasMore);
    }

    /// <summary>Level by level, so that what is left out is furthest down.</summary>
    private async Task<(IReadOnlyList<SessionView> Views, bool HasMore)> Below(OperatorCall call, SessionView root)
    {
        var (found, hasMore) = (new List<SessionView> { root }, false);
        for (IReadOnlyList<string> level = [root.SessionId]; level.Count > 0 && !hasMore;)
        {
            var free = Limits.SpendingNodes - found.Count;
            var rows = await reader.In(call.Tenant).First(UserTables.Sessions, [], [new("parent_session_id", Comparison.AnyOf, level)], free + 1, call.Cancel);
            hasMore = rows.Count > free;
            level = [.. rows.Take(free).Select(static row => row.Text("session_id"))];
            found.AddRange((await Task.WhenAll(level.Select(id => Peek(call, id)))).OfType<SessionView>()); // one that was refused has a row, and never began
        }

        return (found, hasMore);
    }

    /// <summary>Each before those below it, the first that was opened first.</summary>
    private static IEnumerable<SessionView> Ordered(SessionView view, ILookup<string?, SessionView> byParent) =>
        [view, .. byParent[view.SessionId].OrderBy(static child => child.CreatedAt).ThenBy(static child => child.SessionId, StringComparer.Ordinal).SelectMany(child => Ordered(child, byParent))];

    /// <returns>And how many runs there are, as far as one beyond those that may be read.</returns>
    private async Task<(Spent Own, int Runs)> Own(OperatorCall call, SessionView session, int most)
    {
        var own = new Spent();
        var calls = new Dictionary<string, NamedRow>(StringComparer.Ordinal);
        await foreach (var page in Rows(call, RunTables.ModelCalls, "ended_at", session.SessionId, most))
        {
            foreach (var row in page) calls[row.Text("run_id")] = row;
        }

        var read = 0;
        await foreach (var page in Rows(call, RunTables.Runs, "settled_at", session.SessionId, most + 1))
        {
            var refunded = await Refunded.Of(reader.In(call.Tenant), page, call.Cancel);
            foreach (var run in page.Take(most - read).Where(run => run.OptionalText("failure_code") is null || run.OptionalText("payment_id") is not null || calls.ContainsKey(run.Text("run_id"))))
            {
                own.Add(run, calls.TryGetValue(run.Text("run_id"), out var made) ? made : null, run.OptionalText("payment_id") is { } payment ? refunded.GetValueOrDefault(payment) : 0);
            }

            read += page.Count;
        }

        if (session.Budget.ReservedMicros > 0 && (await recorded.Newest(new(call.Tenant.Name, Kinds.Session, session.SessionId), call.Cancel))?.State is SessionState state)
        {
            foreach (var run in state.Pending.Values) own.Hold(run);
        }

        return (own, read);
    }

    /// <summary>Pages of a session's rows by their time, a thousand each.</summary>
    private async IAsyncEnumerable<IReadOnlyList<NamedRow>> Rows(OperatorCall call, Table table, string at, string sessionId, int most)
    {
        var shape = TableShapes.Of(table);
        IReadOnlyList<Condition> where = [TableReader.Is("tenant", call.Tenant.Name), TableReader.Is("session_id", sessionId)];
        for (IReadOnlyList<object>? after = null; most > 0;)
        {
            var size = Math.Min(most, Limits.StreamedRows);
            var found = await tables.Query(new TableQuery(shape, where, [new(at), new("run_id")], 0, size) { After = after, CountUpTo = 0 }, call.Cancel);
            IReadOnlyList<NamedRow> page = [.. found.Rows.Select(row => new NamedRow(shape, row))];
            if (page.Count > 0)
            {
                yield return page;
            }

            if (page.Count < size) yield break;

            (most, after) = (most - size, [page[^1].Number(at), page[^1].Text("run_id")]);
        }
    }

    private async Task<SessionView?> Peek(OperatorCall call, string sessionId) =>
        await entities.In(call.Tenant).Session(sessionId).Peek(call.Fresh());
}

/// <param name="Nodes">Each before those below it.</param>
/// <param name="HasMore">There are more sessions, or more runs, than are added up.</param>
internal sealed record SpendingTree(IReadOnlyList<SpendingNode> Nodes, bool HasMore);

/// <param name="Own">Of its own runs.</param>
internal sealed record SpendingNode(SessionView View, Spent Own)
{
    /// <summary>Sessions that it delegated to, as far as they are shown.</summary>
    public IReadOnlyList<SpendingNode> Below { get; set; } = [];

    /// <summary>Itself, and all below it.</summary>
    public IEnumerable<SpendingNode> Subtree => [this, .. Below.SelectMany(static node => node.Subtree)];
}
