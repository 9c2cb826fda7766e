using Agora.Journal.Memory;
using Agora.Testing;

namespace Agora.Journal.Tests.Fakes;

/// <summary>A journal whose appends wait for the test to say what becomes of them, over a real one.</summary>
public sealed class HeldJournal(MemoryJournal inner) : DelegatingJournal(inner)
{
    private readonly Queue<Held> _held = new();

    /// <summary>All batches sent so far, resends included.</summary>
    public List<(IReadOnlyList<StreamAppend> Batch, bool Again)> Sent { get; } = [];

    public int Waiting => _held.Count;

    public override Task<IReadOnlyList<AppendOutcome>> Append(IReadOnlyList<StreamAppend> batch, bool again, CancellationToken cancel)
    {
        Sent.Add((batch, again));
        var held = new Held(batch, again, new(TaskCreationOptions.RunContinuationsAsynchronously));
        _held.Enqueue(held);
        return held.Answer.Task;
    }

    /// <summary>Writes the oldest waiting batch and answers.</summary>
    public void Answer() => Next(async held => held.Answer.SetResult(await inner.Append(held.Batch, held.Again, default)));

    /// <summary>Answers the oldest waiting batch with an error; nothing is written.</summary>
    public void Fail(Exception error) => Next(held => { held.Answer.SetException(error); return Task.CompletedTask; });

    /// <summary>Writes the oldest waiting batch, and loses the answer.</summary>
    public void WriteAndLose() => Next(async held =>
    {
        await inner.Append(held.Batch, held.Again, default);
        held.Answer.SetException(new JournalUnknownException("lost"));
    });

    private void Next(Func<Held, Task> act) => act(_held.Dequeue()).GetAwaiter().GetResult();

    private sealed record Held(IReadOnlyList<StreamAppend> Batch, bool Again, TaskCompletionSource<IReadOnlyList<AppendOutcome>> Answer);
}
