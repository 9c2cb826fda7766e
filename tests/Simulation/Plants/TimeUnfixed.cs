using Agora.Core.Campaigns;
using Agora.Core.Kernel;
using Agora.Core.Sessions;
using Agora.Core.Users;
using Agora.Core.Wallets;
using Agora.Embedded;
using Agora.Grains.Kernel;
using Agora.Simulation.Cluster;

namespace Agora.Simulation.Plants;

/// <summary>That something came too late is answered and leaves nothing, so that a process whose clock is behind takes it after all.</summary>
public sealed class TimeUnfixed : Plant
{
    public override string Name => "time-unfixed";

    public override GrainEngine Register(GrainEngine engine, EntityPorts ports) => SimGrains.Register<
        Forgetful<UserDecider, UserState, UserCommand, UserEvent>, Forgetful<CampaignDecider, CampaignState, CampaignCommand, CampaignEvent>,
        Forgetful<SessionDecider, SessionState, SessionCommand, SessionEvent>, Forgetful<WalletDecider, WalletState, WalletCommand, WalletEvent>>(engine, ports);

    private sealed class Forgetful<TInner, TState, TCommand, TEvent> : Delegating<TInner, TState, TCommand, TEvent>, IDecider<TState, TCommand, TEvent>
        where TInner : IDecider<TState, TCommand, TEvent>
        where TState : class
        where TCommand : class
        where TEvent : class
    {
        public static new Decision<TState, TEvent> Decide(TState state, TCommand command, Context context)
        {
            var decision = TInner.Decide(state, command, context);
            if (!decision.FixesTime || !decision.Events.IsEmpty)
            {
                return decision;
            }

            var (reply, rejection) = (decision.Answer!.Reply, decision.Answer.Rejection);
            var unfixed = (rejection is null ? Decision<TState, TEvent>.Accept(reply!) : Decision<TState, TEvent>.Reject(rejection)).Then([.. decision.Steps]);
            return decision.Soft is { } soft ? unfixed.WithSoft(soft) : unfixed;
        }
    }
}
