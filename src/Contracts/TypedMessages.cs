using Agora.Core.Kernel;
using Orleans;

namespace Agora.Contracts;

/// <summary>A command as the argument of a grain's method. On the wire it is one field: its envelope, in the form that releases of different age both read.</summary>
[GenerateSerializer, Immutable, Alias("agora.command`1")]
public sealed record CommandEnvelope<TCommand>([property: Id(0)] Envelope Envelope) : ICommandEnvelope
    where TCommand : class
{
    public CommandEnvelope(TCommand command, CommandContext context) : this(context.Envelope(command))
    {
    }

    ICommandEnvelope ICommandEnvelope.With(Envelope envelope) => this with { Envelope = envelope };
}

/// <summary>What a grain's method answers: a <typeparamref name="TReply"/>, a rejection, or a failure. On the wire it is one field, as <see cref="CommandEnvelope{TCommand}"/> is.</summary>
[GenerateSerializer, Immutable, Alias("agora.answer`1")]
public sealed record Answer<TReply>([property: Id(0)] Envelope Envelope)
    where TReply : class
{
    /// <summary>Null: the command was rejected.</summary>
    /// <exception cref="OtherCommandException">Another command was sent under the same key before.</exception>
    /// <exception cref="OperatingException">The command was not decided, or that is not known: retryable.</exception>
    public TReply? Reply => Decided.Rejection is null ? Decided.As<TReply>() : null;

    /// <summary>Null: the command was accepted.</summary>
    /// <exception cref="OperatingException">As of <see cref="Reply"/>.</exception>
    public Rejection? Rejection => Decided.Rejection;

    /// <summary>The command had been decided before; this is the stored outcome.</summary>
    public bool Replayed => Decided.Replayed;

    private Answer Decided => Envelope.Body is OperatingFailure failure ? throw new OperatingException(failure) : (Answer)Envelope.Body;
}

/// <summary>An argument that carries an envelope.</summary>
public interface ICommandEnvelope
{
    Envelope Envelope { get; }

    ICommandEnvelope With(Envelope envelope);
}
