using Agora.Benchmarks.Servers;

namespace Agora.Benchmarks.Messages;

/// <summary>Carries messages: what it has accepted is on its disk, and is delivered to the mailbox's reader until that has acknowledged it.</summary>
internal interface IMailServer : IServer, IAsyncDisposable
{
    /// <summary>By which <c>--only</c> picks it.</summary>
    string Name { get; }

    /// <summary>For people: its version, and how it is used.</summary>
    string What { get; }

    /// <summary>So many mailboxes, empty, and connections to them.</summary>
    Task<IMailboxes> Open(int count);
}

/// <summary>Some mailboxes, each with one reader.</summary>
internal interface IMailboxes : IAsyncDisposable
{
    /// <summary>Begins to read all of them. A message is acknowledged when <paramref name="received"/> has taken it; this may be called by several threads at once.</summary>
    Task Read(Action<ReadOnlyMemory<byte>> received);

    /// <summary>Done when the message is durable. Called by many at once.</summary>
    Task Send(int mailbox, ReadOnlyMemory<byte> body);
}
