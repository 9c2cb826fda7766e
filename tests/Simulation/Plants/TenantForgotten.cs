using Agora.Core;
using Agora.Core.Kernel;
using Agora.Core.Nodes;

namespace Agora.Simulation.Plants;

/// <summary>What a fund owes is sent to the wallet of that id at the default tenant.</summary>
public sealed class TenantForgotten : Plant
{
    public override string Name => "tenant-forgotten";

    public override bool IsWide => true;

    public override Entity Instead(Entity entity) => entity.Use(new Forgetful());

    private sealed class Forgetful : IEntityUse<Entity>
    {
        public Entity Of<TState, TCommand, TEvent>(Entity<TState, TCommand, TEvent> entity)
            where TState : class
            where TCommand : class
            where TEvent : class => entity with { Unfinished = (state, now) => [.. entity.Unfinished(state, now).Select(Astray)] };

        private static Step Astray(Step step) => step.Target is StepTarget.Entity { Command: NodeCommand.Credit, Stream.Kind: Kinds.Wallet } target
            ? step with { Target = target with { Stream = target.Stream with { Tenant = StreamId.DefaultTenant } } }
            : step;
    }
}
