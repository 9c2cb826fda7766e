using System.Collections.Immutable;
using Agora.Core.Kernel;

namespace Agora.Core.Runs;

/// <summary>What a run's events make of its leaf.</summary>
public abstract partial record Leaf
{
    internal Leaf After(RunEvent @event, DateTimeOffset at) => @event switch
    {
        RunEvent.Requested e => this with
        {
            Budget = Budget.Reserve(e.PriceMicros),
            Inputs = e.Memo is null ? Inputs.Add(new(e.ServiceId, e.HashOfInput, e.RunId, at)) : Inputs,
            Pending = Pending.Add(e.RunId, PendingRun.Of(e, at)),
            ModelUse = e.Model is { } model ? ModelUse.Begin(model.Tokens, at) : ModelUse,
        },
        RunEvent.FundChosen e => Choose(e.RunId, e.Leaves, new(e.FundHold, e.Campaign, Wallet: null), e.Why),
        RunEvent.WalletChosen e => Choose(e.RunId, e.Leaves, new(e.FundHold, Campaign: null, e.Wallet), e.Why),
        RunEvent.CallBegun e => At(e.RunId, stage => new RunStage.Calling(stage, at, e.UserNodes, e.Why, e.SchemaHash)),
        RunEvent.SettlementBegun e => At(e.RunId, stage => new RunStage.Settling(stage.AsAsked(), e.AmountMicros, e.Attempts, e.UserNodes, e.Output, e.ServedBy)),
        RunEvent.Concluded e => Conclude(e.RunId, e.Posted, e.AmountMicros, e.WhyFailed, at, e.TokensOf(Pending[e.RunId].Model)),
        RunEvent.Refused e => Conclude(e.RunId, posted: false, 0, e.Reason.Code, at) with { CapsHit = e.IsFirst ? CapHit.With(CapsHit, e.Reason, at) : CapsHit },
        RunEvent.AwaitsApproval e => Await(e),
        RunEvent.Approved e => Approve(e, at),
        RunEvent.ApprovalAnswered or RunEvent.HoldDisowned => this,
        RunEvent.WaitEnded e => EndWait(e, at),
        RunEvent.NodeFollowed e => this with { Followers = Followers.RemoveAll(f => f.HoldId == e.HoldId) },
        RunEvent.NodesFollowed e => this with { Followers = Followers.RemoveAll(f => e.Holds.Contains(f.HoldId)) },
        _ => throw new System.Diagnostics.UnreachableException(@event.GetType().Name),
    };

    protected void CheckRuns(bool thorough)
    {
        Invariant.Check(!thorough || Awaiting.Keys.All(id => !Pending.ContainsKey(id) && !Waited.ContainsKey(id)), "a_waiting_run_is_not_under_way");
        Invariant.Check(!thorough || !Pending.Values.Any(r => Followers.Any(f => RunHolds.Has(this, r, f.HoldId))), "no_hold_is_pending_and_followed");
    }

    private Leaf Choose(Guid runId, bool leaves, RunStage.FundAsked fund, string why)
    {
        var chosen = At(runId, _ => new RunStage.Chosen(fund, why));
        return leaves ? chosen with { Followers = Followers.AddRange(RunHolds.LeftBy(this, Pending[runId])) } : chosen;
    }

    private Leaf At(Guid runId, Func<RunStage, RunStage> next) => With(Pending[runId] with { Stage = next(Pending[runId].Stage) });

    private Leaf Conclude(Guid runId, bool posted, long amount, string? failure, DateTimeOffset at, long? tokens = null)
    {
        var run = Pending[runId];
        var summary = new RunSummary(
            runId, run.ServiceId, failure is null ? RunState.Succeeded : RunState.Failed, posted ? amount : 0, posted ? run.Campaign?.CampaignId : null, failure, run.RequestedAt, at);
        return this with
        {
            Pending = Pending.Remove(runId),
            Budget = Budget.End(run.PriceMicros, posted ? amount : null),
            ModelUse = run.Model is { } model ? ModelUse.End(model.Tokens, tokens, at) : ModelUse,
            Followers = Followers.AddRange(RunHolds.FollowersOf(this, run, posted, amount, tokens ?? 0)),
            Recent = run.IsTransfer ? Recent : RecentWith(summary),
            Inputs = posted ? Inputs : Inputs.Without(runId),
        };
    }

    // What was asked to hold its price is told to void it, as of a run that was refused.
    private Leaf Await(RunEvent.AwaitsApproval e)
    {
        var approvals = Approvals.With(e.Run with { Input = e.Input });
        if (e.Run.Waiting.BeyondBudget) return this with { Approvals = approvals }; // nothing was held, nor asked of others

        var run = Pending[e.Run.RunId];
        return this with
        {
            Pending = Pending.Remove(run.RunId),
            Budget = Budget.End(run.PriceMicros, null),
            Followers = Followers.AddRange(RunHolds.FollowersOf(this, run, posted: false, 0)),
            Approvals = approvals,
        };
    }

    private Leaf Approve(RunEvent.Approved e, DateTimeOffset at)
    {
        Invariant.Check(!Waited.ContainsKey(e.Run.RunId), "approved_once");
        return this with
        {
            Budget = Budget.Raise(e.RaisedMicros).Reserve(e.Run.PriceMicros),
            RaisedMicros = RaisedMicros + e.RaisedMicros,
            Pending = Pending.Add(e.Run.RunId, PendingRun.Of(e.Run, e.Waited.RequestedAt) with { ApprovedAt = at }),
            Approvals = Approvals.Ended(e.Run.RunId, ApprovalState.Approved),
        };
    }

    private Leaf EndWait(RunEvent.WaitEnded e, DateTimeOffset at)
    {
        var run = Awaiting[e.RunId];
        var summary = new RunSummary(e.RunId, run.ServiceId, RunState.Failed, 0, null, e.Outcome.Code, run.Waiting.RequestedAt, at, NotApproved: e.Approval is ApprovalState.Denied or ApprovalState.Expired);
        return this with
        {
            Budget = Budget.Raise(e.RaisedMicros),
            RaisedMicros = RaisedMicros + e.RaisedMicros,
            RaiseDenied = RaiseDenied || (e.Waited.BeyondBudget && e.Approval is ApprovalState.Denied or ApprovalState.Ended),
            Recent = run.IsTransfer ? Recent : RecentWith(summary),
            Approvals = Approvals.Ended(e.RunId, e.Approval),
            Inputs = Inputs.Without(e.RunId),
        };
    }

    private ImmutableArray<RunSummary> RecentWith(RunSummary newest) => [newest, .. Recent.AsSpan()[..Math.Min(Recent.Length, Limits.RecentRuns - 1)]];
}
