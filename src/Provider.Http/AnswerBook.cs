namespace Agora.Provider.Http;

/// <summary>What was answered to a run.</summary>
public sealed record Answer(string BodyHash, int Status, string? CostCents, byte[] Body);

/// <summary>Keeps answers by run id. What keeps them elsewhere than in memory makes a run's answer outlive the process.</summary>
public interface IAnswers
{
    Task<Answer?> Find(string runId, CancellationToken cancel);

    Task Keep(string runId, Answer answer, CancellationToken cancel);
}

/// <summary>In memory; the oldest go when there are more than <paramref name="most"/>, or when they have more than <paramref name="mostBytes"/> in all.</summary>
public sealed class AnswersInMemory(int most = 10_000, long mostBytes = 64L << 20) : IAnswers
{
    private readonly Lock _gate = new();
    private readonly Dictionary<string, Answer> _answers = new(StringComparer.Ordinal);
    private readonly Queue<string> _oldest = [];
    private long _bytes;

    public Task<Answer?> Find(string runId, CancellationToken cancel)
    {
        lock (_gate)
        {
            return Task.FromResult(_answers.GetValueOrDefault(runId));
        }
    }

    public Task Keep(string runId, Answer answer, CancellationToken cancel)
    {
        lock (_gate)
        {
            if (_answers.TryAdd(runId, answer))
            {
                _oldest.Enqueue(runId);
                _bytes += answer.Body.Length;
            }

            while (_answers.Count > most || _bytes > mostBytes)
            {
                _ = _answers.Remove(_oldest.Dequeue(), out var oldest);
                _bytes -= oldest!.Body.Length;
            }
        }

        return Task.CompletedTask;
    }
}

/// <summary>One execution a run at a time: who comes while it is under way waits for it.</summary>
internal sealed class RunTurns
{
    private readonly Lock _gate = new();
    private readonly Dictionary<string, Task> _underWay = new(StringComparer.Ordinal);

    public async Task<IDisposable> Take(string runId, CancellationToken cancel)
    {
        var turn = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        while (true)
        {
            Task? before;
            lock (_gate)
            {
                if (!_underWay.TryGetValue(runId, out before))
                {
                    _underWay.Add(runId, turn.Task);
                    return new Turn(this, runId, turn);
                }
            }

            await before.WaitAsync(cancel);
        }
    }

    private sealed class Turn(RunTurns turns, string runId, TaskCompletionSource done) : IDisposable
    {
        public void Dispose()
        {
            lock (turns._gate)
            {
                turns._underWay.Remove(runId);
            }

            done.TrySetResult();
        }
    }
}
