using Agora.Core.Kernel;

namespace Agora.Simulation.Plants;

/// <summary>
/// An alarm resumes what the newest state has to do, though the rows that say so still ride and may be lost. It does so beside the alarm's own append: after it
/// they would be durable, for they go with it.
/// </summary>
public sealed class AlarmFromUndurable : Plant
{
    public override string Name => "alarm-from-undurable";

    public override Entity Instead(Entity entity) => entity.Use(new Eager());

    private sealed class Eager : IEntityUse<Entity>
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
            return command.Equals(entity.Tick) ? decision.Then([.. entity.Unfinished(state, context.Now).Select(step => step with { Phase = Phase.AtOnce })]) : decision;
        }
    }
}
