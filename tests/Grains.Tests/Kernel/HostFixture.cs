using Agora.Contracts;
using Agora.Core;
using Agora.Core.Campaigns;
using Agora.Core.Clocks;
using Agora.Core.Kernel;
using Agora.Core.Refunds;
using Agora.Core.Runs;
using Agora.Core.Sessions;
using Agora.Core.Users;
using Agora.Core.Wallets;
using Agora.Grains.Kernel;
using Agora.Journal;
using Agora.Journal.Memory;
using Agora.Testing;
using Microsoft.Extensions.Logging.Abstractions;

namespace Agora.Grains.Tests.Kernel;

/// <summary>Hosts of entities without an engine, over one journal, on virtual time: a second host of a stream is what another process would have.</summary>
internal sealed class HostFixture
{
    private static readonly byte[] MasterKey = new byte[32];
    private readonly Random _random = new(1);

    public HostFixture()
    {
        Scheduler = new(new(2), Time);
        Journal = new(Time, call => Fault(call));
    }

    public SimTimeProvider Time { get; } = new();

    public SimScheduler Scheduler { get; }

    public MemoryJournal Journal { get; }

    public SnapshotCodes Snapshots { get; } = new(MasterKey);

    public Func<JournalCall, JournalFault> Fault { get; set; } = static _ => default;

    /// <summary>What comes of steps; they hang where nothing is said.</summary>
    public Func<StepTarget, Task<StepOutcome>> Steps { get; set; } = static _ => new TaskCompletionSource<StepOutcome>().Task;

    /// <param name="behind">How far the clock of the host's process is behind.</param>
    public EntityHost<UserState, UserCommand, UserEvent> User(string id, TimeSpan behind = default) =>
        Load(UserEntity.Entity, StreamId.User(id), behind);

    public EntityHost<SessionState, LeafCommand, LeafEvent> Session(string id, TimeSpan behind = default) =>
        Load(SessionEntity.Entity, StreamId.Session(id), behind);

    public EntityHost<WalletState, WalletCommand, WalletEvent> Wallet(string id, TimeSpan behind = default) =>
        Load(WalletEntity.Entity, StreamId.Wallet(id), behind);

    public EntityHost<WalletState, WalletCommand, WalletEvent> Wallet(StreamId stream) => Load(WalletEntity.Entity, stream, default);

    public EntityHost<CampaignState, CampaignCommand, CampaignEvent> Campaign(string id, TimeSpan behind = default) =>
        Load(CampaignEntity.Entity, StreamId.Campaign(id), behind);

    public EntityHost<RefundState, RefundCommand, RefundEvent> Payment(string id) =>
        Load(RefundEntity.Entity, new(StreamId.DefaultTenant, Kinds.Payment, id), default);

    /// <summary>How tenants for tests stand; null: there are none.</summary>
    public ClockView? Clock { get; set; }

    public Guid NewId()
    {
        var bytes = new byte[16];
        _random.NextBytes(bytes);
        return Ids.Derive(Time.GetUtcNow(), new(bytes), 0);
    }

    /// <summary>Not awaited: nothing happens before the scheduler runs.</summary>
    public Task<Envelope> Start(Func<Envelope, Task<Envelope>> send, object command, Guid? id = null, CommandKey? key = null) =>
        Scheduler.Start(() => send(new(id ?? NewId(), null, command, key, IsStep: key is null)));

    public object Ask(Func<Envelope, Task<Envelope>> send, object command, Guid? id = null, CommandKey? key = null) => Answer(Start(send, command, id, key));

    /// <summary>Runs until it has come.</summary>
    public object Answer(Task<Envelope> asked)
    {
        Scheduler.RunUntil(asked);
        return asked.Result.Body;
    }

    public IReadOnlyList<string> Stored(StreamId stream) =>
        [.. Scheduler.Run(() => Journal.Read(stream.ToString(), 0, 1_000, CancellationToken.None)).SelectMany(RowCodec.Decode).SelectMany(e => e.Events).Select(e => e.Name)];

    private EntityHost<TState, TCommand, TEvent> Load<TState, TCommand, TEvent>(Entity<TState, TCommand, TEvent> entity, StreamId stream, TimeSpan behind)
        where TState : class
        where TCommand : class
        where TEvent : class
    {
        var committer = new GroupCommitter(Journal, new(), Scheduler, Time);
        var ports = new EntityPorts(Journal, committer, new(Journal, MasterKey, _random.NextBytes, Time), Snapshots, new Played(this), behind == TimeSpan.Zero ? Time : new LateClock(Time, behind), NullLogger.Instance, NewId) { Times = Clock is null ? null : new(new OneClock(this), Time, alone: true) };
        var host = new EntityHost<TState, TCommand, TEvent>(entity, ports.ForActivation(stream), new TurnsOf(stream, Scheduler));
        Scheduler.Run(() => host.Load(CancellationToken.None));
        return host;
    }

    private sealed class OneClock(HostFixture fixture) : IEntities
    {
        public EntityRef<TCommand> Of<TCommand>(StreamId stream)
            where TCommand : class => new(stream, (_, envelope, _) => Task.FromResult(envelope.Answered(Core.Kernel.Answer.Of(fixture.Clock!))));
    }

    private sealed class Played(HostFixture fixture) : IStepRunner
    {
        public async void Run(StreamId from, StepTarget target, Guid commandId, string? trace, IStepEvents heard, CancellationToken ending) =>
            heard.Came(target is StepTarget.Self ? new StepOutcome.Unreachable() : await fixture.Steps(target));
    }
}
