using Agora.Contracts;
using Agora.Core.Kernel;

namespace Agora.Api.Tests.Support;

/// <summary>The edge's way to the entities, on which a command waits before it is sent, or its answer before it is heard.</summary>
internal sealed class HeldEntities(IEntities inner) : IEntities
{
    /// <summary>What a command waits for; null: nothing.</summary>
    public Func<object, Task?> Until { get; set; } = static _ => null;

    /// <summary>What its answer waits for: it says how things stood when it was asked. Null: nothing.</summary>
    public Func<object, Task?> HeardAfter { get; init; } = static _ => null;

    public EntityRef<TCommand> Of<TCommand>(StreamId stream)
        where TCommand : class => new(stream, Send<TCommand>);

    private async Task<Envelope> Send<TCommand>(StreamId stream, Envelope envelope, CancellationToken cancel)
        where TCommand : class
    {
        if (Until(envelope.Body) is { } until)
        {
            await until;
        }

        var answer = await inner.Pass<TCommand>(stream, envelope, cancel);
        if (HeardAfter(envelope.Body) is { } after)
        {
            await after;
        }

        return answer;
    }
}

/// <summary>The first command of a kind, or its answer, is held until it is released.</summary>
internal sealed class HeldCommand(Func<object, bool> isIt) : IAsyncDisposable
{
    private readonly TaskCompletionSource _reached = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _released = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public Task Reached => _reached.Task.WaitAsync(Hang.Timeout);

    public HeldEntities Edge(IEntities inner) => new(inner) { Until = Hold };

    public HeldEntities EdgeOfAnswers(IEntities inner) => new(inner) { HeardAfter = Hold };

    public void Release() => _released.TrySetResult();

    public ValueTask DisposeAsync()
    {
        Release();
        return ValueTask.CompletedTask;
    }

    private Task? Hold(object command) => isIt(command) && _reached.TrySetResult() ? _released.Task : null;
}
