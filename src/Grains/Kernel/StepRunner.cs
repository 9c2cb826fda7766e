using Agora.Contracts;
using Agora.Core.Kernel;
using Agora.Core.Payments;
using Agora.Core.Users;
using Agora.Grains.Payments;
using Agora.Journal;

namespace Agora.Grains.Kernel;

/// <summary>Makes one service call of a run.</summary>
public interface IServiceCaller
{
    Task<StepOutcome> Call(ServiceCall call, string? trace);
}

/// <summary>
/// Carries steps out. A target that lost its place, or is short of room, is asked again at once and then with growing pauses,
/// always under the same command id, until the step's deadline; what has no answer by then is unreachable.
/// </summary>
/// <param name="facilitator">Null: payments by x402 are not taken here.</param>
/// <param name="tables">Where the users at whom an agent has live sessions are found.</param>
public sealed class StepRunner(Entities entities, ITables tables, IServiceCaller services, TimeProvider time, IFacilitator? facilitator = null) : IStepRunner
{
    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(20);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(2);

    public Task<StepOutcome> Run(StreamId from, StepTarget target, Guid commandId, string? trace) => target switch
    {
        StepTarget.Entity entity => Ask(entity, commandId, trace),
        StepTarget.EachUser each => AskEach(from, each, commandId, trace),
        StepTarget.Call call => services.Call(call.Request, trace),
        StepTarget.Verify verify => Verify(verify.Payment, trace),
        StepTarget.Settle settle => Settle(settle, trace),
        StepTarget.Self => Task.FromResult<StepOutcome>(new StepOutcome.Unreachable()),
        _ => throw new System.Diagnostics.UnreachableException(target.GetType().Name),
    };

    private async Task<StepOutcome> Verify(PresentedPayment payment, string? trace) => new StepOutcome.Verified(
        facilitator is null ? new VerifyOutcome.Unknown(FacilitatorDoubt.NotAsked) : await facilitator.Verify(Call(payment, trace)));

    private async Task<StepOutcome> Settle(StepTarget.Settle settle, string? trace) => new StepOutcome.Settled(
        facilitator is null ? new SettleOutcome.Unknown(FacilitatorDoubt.NotAsked) : await facilitator.Settle(Call(settle.Payment, trace), settle.AttemptedBefore));

    private static FacilitatorCall Call(PresentedPayment payment, string? trace) => new(payment.Payment, payment.Requirements, payment.Resource, payment.Identity, trace);

    // A session's row is written with the event that opened it, so whoever opened one before this is found. One command id for all: each has it once.
    private async Task<StepOutcome> AskEach(StreamId from, StepTarget.EachUser each, Guid commandId, string? trace)
    {
        var (reached, last) = (true, "");
        try
        {
            while (true)
            {
                var rows = (await tables.Query(LiveSessions(from.Tenant, each.AgentId, last), CancellationToken.None)).Rows;
                var users = rows.Select(row => (string)row.Values[UserOf]!).Distinct(StringComparer.Ordinal);
                var outcomes = await Task.WhenAll(users.Select(user => Ask(new(new(from.Tenant, Kinds.User, user), each.Command), commandId, trace)));
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
    private TableQuery LiveSessions(string tenant, string agentId, string after) => new(
        TableShapes.Of(UserTables.Sessions),
        [
            new("tenant", Comparison.Equal, tenant), new("agent_id", Comparison.Equal, agentId), new("closed_at", Comparison.Equal, null),
            new("expires_at", Comparison.GreaterThan, (time.GetUtcNow() - Limits.ReserveMaxAge).ToMicros()), new("session_id", Comparison.GreaterThan, after),
        ],
        [new("session_id")],
        0,
        Limits.UsersAtOnce);

    private async Task<StepOutcome> Ask(StepTarget.Entity target, Guid commandId, string? trace)
    {
        var deadline = target.Deadline ?? Limits.GrainCallTimeout;
        var started = time.GetTimestamp();
        var envelope = new Envelope(commandId, trace, target.Command, IsStep: true);
        for (var pause = TimeSpan.Zero; ; pause = pause == TimeSpan.Zero ? FirstPause : pause * 2 < LongestPause ? pause * 2 : LongestPause)
        {
            var left = deadline - time.GetElapsedTime(started);
            if (left <= pause)
            {
                return new StepOutcome.Unreachable();
            }

            if (pause > TimeSpan.Zero)
            {
                await Task.Delay(pause, time);
            }

            object body;
            try
            {
                // Without a deadline of its own a step has the engine's, which ends every call: a second timer a step would only cost.
                var call = entities.Call(target.Stream, envelope);
                body = (await (target.Deadline is null || call.IsCompleted ? call : call.WaitAsync(left - pause, time))).Body;
            }
            catch (Exception e) when (Entities.FailureOf(e) is { } failure)
            {
                body = failure;
            }

            switch (body)
            {
                case Answer answer:
                    return new StepOutcome.Answered(answer);
                case OperatingFailure { Kind: FailureKind.Timeout or FailureKind.Defect }:
                    return new StepOutcome.Unreachable();
            }
        }
    }
}
