using Agora.Application.Memories;
using Agora.Application.Runs;
using Agora.Contracts;
using Agora.Core.Kernel;
using Agora.Core.Services;
using Agora.Grains.Kernel;
using Agora.Grains.Webhooks;
using Agora.Journal;
using Agora.Simulation.Clients;
using Agora.TestEngine;

namespace Agora.Simulation.Plants;

/// <summary>
/// A bug put in on purpose, behind a port of the product, to prove that the checkers see it: whoever breaks the product in this
/// way is found. The product has no switch for any of them.
/// </summary>
public abstract class Plant
{
    /// <summary>Nothing is planted.</summary>
    public static Plant None { get; } = new Nothing();

    public static IReadOnlyList<Plant> All { get; } =
        [new ReplyBeforeDurable(), new NoFencing(), new HoldForgottenOnCrash(), new PostTwice(), new TombstoneMissing(), new ExpiryOffByOne(), new DelegationUnchecked(), new CreditLost(), new RefundTwice(), new ApprovalUnchecked(), new ApprovedTwice(), new WithdrawalIgnored(), new AttemptForgotten(),
        new InquiryUnfenced(), new SuspensionAboveIgnored(), new PaymentIdIgnored(), new SessionOverIgnored(), new SnapshotUnripe(), new GuessNeverTold(),
        new AlarmFromUndurable(), new KeyOutcomeFar(), new TimeUnfixed(), new PayerForgottenEarly(), new NarrowingIgnored(), new TenantForgotten(), new OverloadedDecided(), new RidesDropped(), new CancelledWhileSettling(), new IfMatchIgnored(), new PartUncounted(), new SettledTwiceByHand(), new RaiseNeverEnds(), new DeliveryForgotten(),
        new ChangedToolCallable(), new PublicationForgotten(), new ApprovedUnseen(), new AdvanceUnwritten(), new ClockIgnored(),
        new ResetUnheard(), new AlarmOverlooked(), new ToldBackwards(), new ToldElsewhere(), new NotedBeforeTaken(), new ToldAnew(),
        new OrderBroken(), new CursorTooFar(), new DedupForgotten(), new ShownBeforeDurable(), new PageForgotten(),
        new LateReplyTaken(), new LeaverHears(), new AcknowledgementLost(), new InvitedTwice(), new LetterKept(), new DayMiscounted(), new UnreadErased(), new BlockedHeard(), new OlderCardStands(), new RevokedCardStands(),
        new RevokedAsked(), new CycleAsked(), new LateAgentPaid(), new SchemaUnchecked(), new PartPaid(), new NoPaid(), new SellerUnpaid(), new CardSessionsKept(), new AgentAboveRun(), new CycleSaid(), new OnceForgotten(), new PayoutForgotten(), new EndedLinksStand(),
        new PermitUnheld(), new UnknownUnsent(), new CallAbandoned(), new SecondPermitted(), new CostUnbounded(), new LostUnsought(), new CancelledWhileCalled(), new UnfundedUncounted(), new AnybodyEndsCall(), new EstimateUnmarked(), new CallUnheard(), new CallForgotten(),
        new CachedForAll(), new AskedTwice(), new CachedForEver(), new TokensUncounted(), new TokensBelowUnheld(), new RaisedByDenial(), new RaiseForgotten(),
        new PartShownBeforeDurable(), new TurnTwice(), new ResumedByCalling(),
        new InterventionTwice(), new TurnCalledTwice(), new FailedCallUncounted(),
        new MemoryAcrossUsers(), new MemoryStale(), new ForgettingForgotten(),
        new ScoredTwice(), new HintUncounted(), new HintTwice(), new ScoreOfLess(),
        new PreferencesStale(), new PreferencesAcrossUsers(), new ImportedTwice(), new CameTwice(), new SwitchedAgain(),
        new SentimentTwice(), new SentimentLeaks(), new SentimentAnother()];

    public abstract string Name { get; }

    /// <summary>It shows only where seeds are drawn wide.</summary>
    public virtual bool IsWide => false;

    /// <summary>Whoever comes back to a turn calls its model again.</summary>
    public virtual bool ResumesByCalling => false;

    /// <summary>What it needs of the seeds that look for it.</summary>
    public virtual SeedOptions Draw(SeedOptions options) => options;

    /// <summary>What stands between a process and the journal.</summary>
    public virtual IJournal Between(IJournal journal, TaskScheduler process) => journal;

    /// <summary>What the processes run instead of an entity of the product.</summary>
    public virtual Entity Instead(Entity entity) => entity;

    /// <summary>What a process makes for a stream.</summary>
    public virtual EntityActivation Activate(Entity entity, EntityPorts ports, IActivationHost engine) => EntityActivations.Of(entity, ports, engine);

    /// <summary>What stands between a process and operators' endpoints.</summary>
    public virtual IWebhookPost Posting(IWebhookPost post) => post;

    /// <summary>What is asked of whoever offers a skill.</summary>
    public virtual ServiceCall Asking(ServiceCall call) => call;

    /// <summary>Where an edge finds memories.</summary>
    internal virtual IMemorySearch Searching(IMemorySearch search) => search;

    /// <summary>By which an edge reads how a <see cref="MemoryOwner"/> wants replies: <see cref="KeptPreferences"/>, or null.</summary>
    internal virtual Func<MemoryOwner, Task<KeptPreferences?>> Preferring(Func<MemoryOwner, Task<KeptPreferences?>> find) => find;

    /// <summary>By which an edge asks how a turn sounds.</summary>
    internal virtual Func<AskedMood, Task<InnerRun>> Judging(Func<AskedMood, Task<InnerRun>> judge) => judge;

    /// <summary>Of a run of a skill that nobody did in time: a late reply is its output.</summary>
    public virtual bool TakesLateReplies => false;

    /// <summary>How a process ends that is asked to.</summary>
    public virtual async Task End(GrainEngine engine, GroupCommitter committer)
    {
        await engine.DrainAsync();
        await committer.Drain();
    }

    private sealed class Nothing : Plant
    {
        public override string Name => "none";
    }
}
