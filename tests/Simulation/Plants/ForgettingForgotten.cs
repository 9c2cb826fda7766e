using Agora.Core.Kernel;
using Agora.Core.Memories;

namespace Agora.Simulation.Plants;

/// <summary>Whoever forgets is told so, and nothing is forgotten.</summary>
public sealed class ForgettingForgotten : MemoryPlant
{
    public override string Name => "forgetting-forgotten";

    public override Entity Instead(Entity entity) => entity is Entity<MemoryState, MemoryCommand, MemoryEvent> memories
        ? memories with { Decide = static (state, command, _) => command is MemoryCommand.Forget c && state.Pinned.ContainsKey(c.MemoryId) ? Decision<MemoryState, MemoryEvent>.Accept(new MemoryWritten(c.MemoryId)) : MemoryDecider.Decide(state, command) }
        : entity;
}
