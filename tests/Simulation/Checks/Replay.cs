using Agora.Core.Agents;
using Agora.Core.Campaigns;
using Agora.Core.Kernel;
using Agora.Core.Refunds;
using Agora.Core.Services;
using Agora.Core.Sessions;
using Agora.Core.Users;
using Agora.Core.Wallets;
using Agora.Simulation.Cluster;

namespace Agora.Simulation.Checks;

/// <summary>A stream decoded and evolved from its first row on, with the product's own codecs and Evolve: nothing of a live activation is in it.</summary>
public abstract class Replay
{
    /// <summary>What is still to be done elsewhere, for a sentence; null: nothing.</summary>
    public abstract string? Unfinished { get; }

    /// <summary>When it will look after something by itself, such as a hold of which nothing was heard.</summary>
    public abstract DateTimeOffset? Due { get; }

    public abstract object Tick { get; }

    public abstract int SnapshotVersion { get; }

    public static Replay Of(StreamId stream) => stream.Kind switch
    {
        Kinds.User => new Replay<UserDecider, UserState, UserCommand, UserEvent>(stream),
        Kinds.Session => new Replay<SessionDecider, SessionState, SessionCommand, SessionEvent>(stream),
        Kinds.Campaign => new Replay<CampaignDecider, CampaignState, CampaignCommand, CampaignEvent>(stream),
        Kinds.Service => new Replay<ServiceDecider, ServiceState, ServiceCommand, ServiceEvent>(stream),
        Kinds.Wallet => new Replay<WalletDecider, WalletState, WalletCommand, WalletEvent>(stream),
        Kinds.Agent => new Replay<AgentDecider, AgentState, AgentCommand, AgentEvent>(stream),
        Kinds.Payment => new Replay<RefundDecider, RefundState, RefundCommand, RefundEvent>(stream),
        _ => throw new System.Diagnostics.UnreachableException(stream.Kind),
    };

    public abstract object Decode(string name, int version, ReadOnlyMemory<byte> payload, Personal? personal);

    public abstract void Evolve(object @event, DateTimeOffset at);

    public abstract byte[] Save();
}

public sealed class Replay<TDecider, TState, TCommand, TEvent>(StreamId stream) : Replay
    where TDecider : IDecider<TState, TCommand, TEvent>
    where TState : class
    where TCommand : class
    where TEvent : class
{
    private TState _state = TDecider.Initial(stream);
    private DateTimeOffset _at;

    public override string? Unfinished =>
        TDecider.IsUnfinished(_state) ? string.Join("; ", TDecider.Unfinished(_state, _at).Select(s => s.Target is StepTarget.Entity e ? $"{e.Stream}: {e.Command}" : s.Target.ToString())) : null;

    public override DateTimeOffset? Due => TDecider.Due(_state);

    public override object Tick => TDecider.Tick;

    public override int SnapshotVersion => TDecider.SnapshotVersion;

    public override object Decode(string name, int version, ReadOnlyMemory<byte> payload, Personal? personal) => TDecider.Events.Decode(name, version, payload, personal);

    public override void Evolve(object @event, DateTimeOffset at) => (_state, _at) = (TDecider.Evolve(_state, (TEvent)@event, at), at);

    public override byte[] Save()
    {
        TDecider.CheckInvariants(_state, thorough: true);
        return LiveStates.Saved<TDecider, TState, TCommand, TEvent>(_state);
    }
}
