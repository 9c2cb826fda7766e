using Agora.Contracts;
using Agora.Core.Kernel;
using Agora.Grains.Kernel;

namespace Agora.Simulation.Plants;

/// <summary>A command that is answered overloaded is decided all the same.</summary>
public sealed class OverloadedDecided : Plant
{
    public override string Name => "overloaded-decided";

    public override bool IsWide => true;

    public override EntityGrain Activate(Entity entity, EntityPorts ports) => entity.Use(new Creation(ports));

    private sealed class Creation(EntityPorts ports) : IEntityUse<EntityGrain>
    {
        public EntityGrain Of<TState, TCommand, TEvent>(Entity<TState, TCommand, TEvent> entity)
            where TState : class
            where TCommand : class
            where TEvent : class => new Eager<TState, TCommand, TEvent>(entity, ports);
    }

    private sealed class Eager<TState, TCommand, TEvent>(Entity<TState, TCommand, TEvent> entity, EntityPorts ports) : EntityGrain<TState, TCommand, TEvent>(entity, ports)
        where TState : class
        where TCommand : class
        where TEvent : class
    {
        public override void Receive(Envelope envelope, IReply reply) => base.Receive(envelope, new Overruling(this, envelope, reply));

        private void Decide(Envelope refused) => base.Receive(refused with { IsStep = true }, new TaskReply(refused));

        private sealed class Overruling(Eager<TState, TCommand, TEvent> grain, Envelope envelope, IReply reply) : IReply
        {
            public void Answered(object body)
            {
                if (body is OperatingFailure { Kind: FailureKind.Overloaded })
                {
                    grain.Decide(envelope);
                }

                reply.Answered(body);
            }

            public void Failed(Exception failure) => reply.Failed(failure);
        }
    }
}
