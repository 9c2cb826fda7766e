using Agora.Contracts;
using Agora.Core.Kernel;
using Agora.Grains.Kernel;

namespace Agora.Simulation.Plants;

/// <summary>A command that is answered overloaded is decided all the same.</summary>
public sealed class OverloadedDecided : Plant
{
    public override string Name => "overloaded-decided";

    public override bool IsWide => true;

    public override EntityActivation Activate(Entity entity, EntityPorts ports, IActivationHost engine) => entity.Use(new Creation(ports, engine));

    private sealed class Creation(EntityPorts ports, IActivationHost engine) : IEntityUse<EntityActivation>
    {
        public EntityActivation Of<TState, TCommand, TEvent>(Entity<TState, TCommand, TEvent> entity)
            where TState : class
            where TCommand : class
            where TEvent : class => new Eager<TState, TCommand, TEvent>(entity, ports, engine);
    }

    private sealed class Eager<TState, TCommand, TEvent>(Entity<TState, TCommand, TEvent> entity, EntityPorts ports, IActivationHost engine) : Activation<TState, TCommand, TEvent>(entity, ports, engine)
        where TState : class
        where TCommand : class
        where TEvent : class
    {
        public override void Receive(Envelope envelope, IReply reply) => base.Receive(envelope, new Overruling(this, envelope, reply));

        private void Decide(Envelope refused) => base.Receive(refused with { IsStep = true }, new TaskReply(refused));

        private sealed class Overruling(Eager<TState, TCommand, TEvent> eager, Envelope envelope, IReply reply) : IReply
        {
            public void Answered(object body)
            {
                if (body is OperatingFailure { Kind: FailureKind.Overloaded })
                {
                    eager.Decide(envelope);
                }

                reply.Answered(body);
            }

            public void Failed(Exception failure) => reply.Failed(failure);
        }
    }
}
