using Agora.Core.Access;
using Agora.Core.Agents;
using Agora.Core.Nodes;
using Agora.Core.Refunds;
using Agora.Core.Sessions;
using Agora.Core.Upstreams;
using Agora.Core.Users;

namespace Agora.Core.Tests.Kernel;

/// <summary>What a state holds that no journal knows: only the rest must survive a replay.</summary>
internal static class SoftFields
{
    public static TState Without<TState>(TState state)
        where TState : class => (TState)(object)((object)state switch
        {
            SessionState session => session with { Rate = RateWindow.Fresh, Room = WaitingRoom.Empty },
            RefundState { Pending: { } pending } refund => refund with { Pending = pending with { Agreed = [] } },
            UserState user => user with { Room = WaitingRoom.Empty },
            UpstreamState upstream => upstream with { RefreshedAt = null, Restless = 0 },
            _ => Unsaved(state),
        });

    /// <summary>Without what no snapshot holds either: one that did would be believed to know all that came until a crash.</summary>
    public static TState Unsaved<TState>(TState state)
        where TState : class => state is AgentState agent ? (TState)(object)(agent with { Signed = null }) : state;
}
