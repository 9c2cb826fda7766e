using System.Buffers.Text;
using System.Diagnostics;
using Agora.Benchmarks.Load;

namespace Agora.Benchmarks.Messages;

/// <summary>
/// Sends to mailboxes in turn and reads them. A message counts when it was accepted and delivered; its latency is from when it was sent, or was to be sent, until its reader had it.
/// Each carries its number as text: one that comes twice, or that nobody waits for, is a defect, and so is one that was accepted and does not come.
/// </summary>
internal sealed class MailLoad(IMailboxes mailboxes, int count, int bytes)
{
    private const int MostWaiting = 1 << 18;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);
    private readonly Waiting?[] _waiting = new Waiting?[MostWaiting];
    private long _sent;
    private long _strange;

    public Task Begin() => mailboxes.Read(Received);

    /// <summary>So many at a time: the next leaves when one has come.</summary>
    public Task<(Histogram Latencies, double Seconds)> Flood(int inFlight, int seconds) =>
        Until(seconds, (seen, over) => Task.WhenAll(Enumerable.Range(0, inFlight).Select(_ => Task.Run(async () =>
        {
            while (!over()) await One(seen, Stopwatch.GetTimestamp());
        }))));

    /// <summary>So many a second, whatever becomes of those before.</summary>
    public Task<(Histogram Latencies, double Seconds)> Pace(int perSecond, int seconds) =>
        Until(seconds, async (seen, over) =>
        {
            var (began, all) = (Stopwatch.GetTimestamp(), new List<Task>());
            using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(1));
            while (!over())
            {
                await timer.WaitForNextTickAsync();
                for (var due = began + (all.Count * Stopwatch.Frequency / perSecond); due <= Stopwatch.GetTimestamp(); due += Stopwatch.Frequency / perSecond)
                {
                    var at = due;
                    all.Add(Task.Run(() => One(seen, at)));
                }
            }

            await Task.WhenAll(all);
        });

    private async Task<(Histogram Latencies, double Seconds)> Until(int seconds, Func<Histogram, Func<bool>, Task> send)
    {
        var (seen, began) = (new Histogram(), Stopwatch.GetTimestamp());
        await send(seen, () => Stopwatch.GetElapsedTime(began).TotalSeconds >= seconds).WaitAsync(TimeSpan.FromSeconds(seconds) + Patience);
        var took = Stopwatch.GetElapsedTime(began).TotalSeconds;
        return Volatile.Read(ref _strange) == 0 ? (seen, took) : throw new InvalidOperationException($"{_strange} messages came twice, or were never sent.");
    }

    private async Task One(Histogram seen, long due)
    {
        var (number, waiting, body) = (Interlocked.Increment(ref _sent), new Waiting(), new byte[bytes]);
        body.AsSpan().Fill((byte)' ');
        Utf8Formatter.TryFormat(number, body, out _);
        waiting.Number = number;
        if (Interlocked.CompareExchange(ref _waiting[number % MostWaiting], waiting, null) is not null)
        {
            throw new InvalidOperationException($"{MostWaiting} messages wait: it cannot keep up.");
        }

        await mailboxes.Send((int)(number % count), body);
        var came = await waiting.Came.Task;
        lock (seen) seen.Add((long)Stopwatch.GetElapsedTime(due, came).TotalMicroseconds);
    }

    private void Received(ReadOnlyMemory<byte> body)
    {
        var now = Stopwatch.GetTimestamp();
        var place = Utf8Parser.TryParse(body.Span, out long number, out _) ? number % MostWaiting : 0;
        if (Volatile.Read(ref _waiting[place]) is { } waiting && waiting.Number == number && body.Length == bytes && Interlocked.CompareExchange(ref _waiting[place], null, waiting) == waiting)
            waiting.Came.SetResult(now);
        else
            Interlocked.Increment(ref _strange);
    }

    private sealed class Waiting
    {
        public long Number { get; set; }

        public TaskCompletionSource<long> Came { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
