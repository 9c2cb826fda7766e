using Agora.Core.Kernel;

namespace Agora.Contracts;

/// <summary>
/// One life of an entity in memory, as an engine keeps it. An engine promises: no two turns of one activation run at once, what it awaits goes on in a turn of its
/// own, messages interleave at awaits, and each that it has taken is answered before it ends. Nothing stored may rest on there being one activation of an entity.
/// </summary>
public abstract class EntityActivation
{
    /// <summary>Before the first message. If it throws, those that wait for this activation fail with it.</summary>
    public virtual Task Begin(CancellationToken cancel) => Task.CompletedTask;

    /// <summary>One message. Its answer goes to <paramref name="reply"/> in a turn of this activation, and needs no task of its own.</summary>
    public abstract void Receive(Envelope envelope, IReply reply);

    /// <summary>
    /// The process will end: what would continue until then, such as a long poll, ends now and is not begun again, while messages are still taken. Completes as soon as nothing that the activation has begun is under way.
    /// </summary>
    /// <param name="isLast">False: other processes serve, and what the next activation can take up is not waited for.</param>
    /// <returns>Whether nothing was under way when it was asked.</returns>
    public virtual Task<bool> Settle(bool isLast) => Task.FromResult(true);

    /// <summary>After the last message, at an orderly end only: a crash or kill skips it.</summary>
    public virtual Task End() => Task.CompletedTask;
}

/// <summary>What an activation knows of its engine.</summary>
public interface IActivationHost
{
    StreamId Stream { get; }

    /// <summary>Adds a turn to the activation, without a task; from any thread.</summary>
    void Post(ITurn turn);

    /// <summary>Ends this activation when the messages that it has taken are answered; later ones go to a fresh one.</summary>
    void Leave();
}

/// <summary>Something that is done in a turn.</summary>
public interface ITurn
{
    void Turn();
}
