namespace Agora.Core.Kernel;

/// <summary>
/// An event after which the stream's personal key has no reason to exist: once it is durable, the host destroys the key, and
/// every personal part that was ever sealed with it is unreadable, in the journal, in snapshots and in copies of both.
/// </summary>
public interface IErasesPersonalKey;
