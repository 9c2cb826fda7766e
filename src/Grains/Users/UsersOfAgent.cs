using Agora.Core.Kernel;
using Agora.Core.Users;
using Agora.Grains.Clocks;
using Agora.Grains.Kernel;
using Agora.Journal;

namespace Agora.Grains.Users;

/// <summary>Tells every user at whom an agent has live sessions (<see cref="EachUser"/>).</summary>
public sealed class UsersOfAgent(EntityCalls calls, ITables tables, TenantTimes times)
{
    // A session's row is written with the event that opened it, so whoever opened one before this is found. One command id for all: each has it once.
    public async Task<StepOutcome> Tell(EachUser each, OutsideContext context)
    {
        var (reached, last) = (true, "");
        try
        {
            while (true)
            {
                var rows = (await tables.Query(LiveSessions(Tenant.Of(context.From), each.AgentId, last), CancellationToken.None)).Rows;
                var users = rows.Select(row => (string)row.Values[UserOf]!).Distinct(StringComparer.Ordinal);
                var outcomes = await Task.WhenAll(users.Select(user => calls.Ask(new(new(context.From.Tenant, UserEntity.Kind, user), each.Command), context.CommandId, context.Trace)));
                reached &= outcomes.All(outcome => outcome is StepOutcome.Answered);
                if (rows.Count < Limits.UsersAtOnce)
                {
                    return reached ? new StepOutcome.Answered(Answer.Of(Nothing.Value)) : new StepOutcome.Unreachable();
                }

                last = (string)rows[^1].Values[SessionOf]!;
            }
        }
        catch (JournalUnavailableException)
        {
            return new StepOutcome.Unreachable();
        }
    }

    private static readonly int SessionOf = UserTables.Sessions.Columns.ToList().IndexOf("session_id");
    private static readonly int UserOf = UserTables.Sessions.Columns.ToList().IndexOf("user_id");

    // Clocks disagree: what has expired here may live at its user's.
    private TableQuery LiveSessions(Tenant tenant, string agentId, string after) => new(
        TableShapes.Of(UserTables.Sessions),
        [
            new("tenant", Comparison.Equal, tenant.Name), new("agent_id", Comparison.Equal, agentId), new("closed_at", Comparison.Equal, null),
            new("expires_at", Comparison.GreaterThan, (times.Now(tenant) - Limits.ReserveMaxAge).ToMicros()), new("session_id", Comparison.GreaterThan, after),
        ],
        [new("session_id")],
        0,
        Limits.UsersAtOnce);
}
