using Agora.Core.Kernel;
using Agora.Core.Runs;
using Agora.Core.Sessions;

namespace Agora.Simulation.Plants;

/// <summary>What calls of models read and wrote is forgotten when they end.</summary>
public sealed class TokensUncounted : Plant
{
    public override string Name => "tokens-uncounted";

    public override bool IsWide => true;

    public override Entity Instead(Entity entity) => entity switch
    {
        Entity<SessionState, LeafCommand, LeafEvent> session => session with { Decide = static (state, command, context) => SessionDecider.Decide(state with { ModelUse = state.ModelUse with { Tokens = 0, Calls = 0 } }, command, context) },
        _ => entity,
    };
}
