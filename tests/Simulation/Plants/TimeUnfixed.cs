using Agora.Core.Kernel;

namespace Agora.Simulation.Plants;

/// <summary>That something came too late is answered and leaves nothing, so that a process whose clock is behind takes it after all.</summary>
public sealed class TimeUnfixed : Plant
{
    public override string Name => "time-unfixed";

    public override Entity Instead(Entity entity) => entity.Use(new Forgetful());

    private sealed class Forgetful : IEntityUse<Entity>
    {
        public Entity Of<TState, TCommand, TEvent>(Entity<TState, TCommand, TEvent> entity)
            where TState : class
            where TCommand : class
            where TEvent : class => entity with { Decide = (state, command, context) => Decide(entity, state, command, context) };

        private static Decision<TState, TEvent> Decide<TState, TCommand, TEvent>(Entity<TState, TCommand, TEvent> entity, TState state, TCommand command, Context context)
            where TState : class
            where TCommand : class
            where TEvent : class
        {
            var decision = entity.Decide(state, command, context);
            if (!decision.FixesTime || !decision.Events.IsEmpty) return decision;

            var (reply, rejection) = (decision.Answer!.Reply, decision.Answer.Rejection);
            var unfixed = (rejection is null ? Decision<TState, TEvent>.Accept(reply!) : Decision<TState, TEvent>.Reject(rejection)).Then([.. decision.Steps]);
            return decision.Soft is { } soft ? unfixed.WithSoft(soft) : unfixed;
        }
    }
}
