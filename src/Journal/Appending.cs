using System.Diagnostics;
using System.Runtime.CompilerServices;

namespace Agora.Journal;

/// <summary>Told once that a row is durable or has failed, outside of all locks, on the thread that knows it: it only passes that on.</summary>
public interface IAppended
{
    void Appended();
}

/// <summary>What becomes of a row, for all who wait for it: one is told without a task, and anybody can await it.</summary>
public sealed class Appending
{
    private TaskCompletionSource<AppendResult>? _awaited;
    private IAppended? _waiter;
    private Verdict _verdict;
    private volatile bool _completed;

    internal Appending()
    {
    }

    /// <summary>One that was over before it began.</summary>
    public static Appending Of(AppendResult result) => Of(new Verdict(result, null));

    public bool IsCompleted => _completed;

    /// <summary>The span of the batch that carried it; null: there is none.</summary>
    public Activity? Batch { get; internal set; }

    /// <summary>Of a completed one. Throws the error of a journal that has a defect.</summary>
    public AppendResult Result => _verdict.Error is null ? _verdict.Result : Task.GetAwaiter().GetResult();

    public bool IsWritten => _completed && _verdict.IsWritten;

    public Task<AppendResult> Task
    {
        get
        {
            var awaited = Volatile.Read(ref _awaited);
            if (awaited is null)
            {
                var made = new TaskCompletionSource<AppendResult>(TaskCreationOptions.RunContinuationsAsynchronously);
                awaited = Interlocked.CompareExchange(ref _awaited, made, null) ?? made;
                if (_completed)
                {
                    _verdict.Give(awaited);
                }
            }

            return awaited.Task;
        }
    }

    public TaskAwaiter<AppendResult> GetAwaiter() => Task.GetAwaiter();

    /// <summary>There is one that is told, and it asks once; where the row's fate is known already it is told at once.</summary>
    public void Tell(IAppended waiter)
    {
        if (Interlocked.Exchange(ref _waiter, waiter) is not null) throw new InvalidOperationException("Somebody waits for this row already.");
        if (_completed)
        {
            Interlocked.Exchange(ref _waiter, null)?.Appended();
        }
    }

    internal static Appending Of(Verdict verdict) => new() { _verdict = verdict, _completed = true };

    /// <summary>Outside the lock: lets those who wait go on.</summary>
    internal void Complete(Verdict verdict)
    {
        _verdict = verdict;
        _completed = true;
        Interlocked.Exchange(ref _waiter, null)?.Appended();
        if (Volatile.Read(ref _awaited) is { } awaited)
        {
            verdict.Give(awaited);
        }
    }
}
