using Agora.Contracts;
using Agora.Core.Kernel;
using Agora.Core.Webhooks;

namespace Agora.Grains.Webhooks;

/// <summary>
/// One window of the feed, told to one endpoint: subjects beside each other, a few at once, and each in its own order. Whoever does not take an event is told nothing more here;
/// nor is anybody where nothing is taken at all.
/// </summary>
internal sealed class Telling(Teller teller, WebhookDefinition definition, OutsideContext context)
{
    private readonly Dictionary<string, List<Happened>> _bySubject = new(StringComparer.Ordinal);
    private readonly List<string> _subjects = [];
    private readonly Dictionary<string, LeftSubject> _left = new(StringComparer.Ordinal);
    private readonly Dictionary<string, long> _met = new(StringComparer.Ordinal);
    private int _next;
    private int _failedInRow;

    public bool HasSome => _subjects.Count > 0 || _left.Count > 0;

    public List<Delivery> Deliveries { get; } = [];

    public IReadOnlyList<LeftSubject> Left => [.. _left.Values.OrderBy(left => left.Stream, StringComparer.Ordinal)];

    /// <param name="waiting">Subjects that wait, and from where.</param>
    public void Add(FeedRow read, IReadOnlyDictionary<string, Place> waiting)
    {
        var row = read.Row;
        foreach (var happened in read.WantedBy(definition))
        {
            _met[row.Stream] = row.Seq;
            if (waiting.TryGetValue(row.Stream, out var from) && happened.Place.CompareTo(from) >= 0)
            {
                Leave(happened, tried: false);
            }
            else if (_bySubject.TryGetValue(row.Stream, out var before))
            {
                before.Add(happened);
            }
            else
            {
                _bySubject.Add(row.Stream, [happened]);
                _subjects.Add(row.Stream);
            }
        }
    }

    public async Task All() => await Task.WhenAll(Enumerable.Range(0, Math.Min(Limits.WebhookCallsAtOnce, _subjects.Count)).Select(_ => Some()));

    private async Task Some()
    {
        while (_next < _subjects.Count)
        {
            await Tell(_bySubject[_subjects[_next++]]);
        }
    }

    private async Task Tell(List<Happened> inOrder)
    {
        foreach (var happened in inOrder)
        {
            if (context.Ending.IsCancellationRequested || _failedInRow >= Limits.WebhookDown)
            {
                Leave(happened, tried: false);
                return;
            }

            var (tried, taken) = (false, false);
            try
            {
                var delivery = await teller.Tell(happened, 1, context);
                (tried, taken) = (true, delivery.IsTaken);
                _failedInRow = taken ? 0 : _failedInRow + 1;
                Deliveries.Add(delivery);
            }
            catch (OperatingException)
            {
                // Where it goes could not be looked up just now: it was not told.
            }

            if (!taken)
            {
                Leave(happened, tried);
                return;
            }
        }
    }

    private void Leave(Happened from, bool tried) => _left[from.Stream] =
        _left.TryGetValue(from.Stream, out var left) && left.From.CompareTo(from.Place) <= 0 ? left with { UpTo = _met[from.Stream] } : new(from.Stream, from.Place, _met[from.Stream], tried);
}
