using Agora.Core.Kernel;
using Decided = Agora.Core.Kernel.Decision<Agora.Core.Agents.AgentState, Agora.Core.Agents.AgentEvent>;

namespace Agora.Core.Agents;

/// <summary>What an agent reports to operators. It names a message by its place; what was said stands in the conversation alone.</summary>
/// <param name="AgentId">The agent that is reported.</param>
/// <param name="Reason">One of <see cref="ReportReasons"/>.</param>
/// <param name="ConversationId">Of the message; null: the agent as such is reported.</param>
public sealed record Report(Guid ReportId, string AgentId, string Reason, string? ConversationId, long? Number, DateTimeOffset At);

/// <param name="Outcome">One of <see cref="ReportOutcomes"/>.</param>
public sealed record ReportResolved(Report Report, string Outcome, DateTimeOffset At);

/// <summary>Stored, for ever.</summary>
public static class ReportReasons
{
    public static readonly IReadOnlyList<string> All = ["spam", "abuse", "fraud", "impersonation", "other"];
}

/// <summary>What came of a report: stored, for ever.</summary>
public static class ReportOutcomes
{
    /// <summary>Nobody has looked at it yet.</summary>
    public const string Open = "open";

    public static readonly IReadOnlyList<string> All = ["acted", "dismissed"];
}

/// <summary>An agent's own stream has the reports that it made and nobody has resolved, at most <see cref="Limits.OpenReports"/>.</summary>
internal static class Reporting
{
    public static Decided File(AgentState state, AgentCommand.FileReport c, Context context)
    {
        if (c.AgentId == state.Stream.Id) return Decided.Reject(AgentRejection.IsItself);
        if (state.Reports.Count >= Limits.OpenReports) return Decided.Reject(AgentRejection.TooManyReports);

        var report = new Report(context.CommandId, c.AgentId, c.Reason, c.ConversationId, c.Number, context.Now);
        return Decided.Accept(report, new AgentEvent.Reported(report));
    }

    public static Decided Resolve(AgentState state, AgentCommand.ResolveReport c, Context context)
    {
        if (!state.Reports.TryGetValue(c.ReportId, out var report)) return Decided.Reject(AgentRejection.NoOpenReport);

        var resolved = new ReportResolved(report, c.Outcome, context.Now);
        return Decided.Accept(resolved, new AgentEvent.ReportEnded(resolved));
    }
}
