using System.Runtime.InteropServices;

namespace Agora.Search;

/// <summary>
/// Directions of one length, each by an id, all in one array: a search reads it from end to end and keeps the best. Exact, and fast enough for what one user has (100,000 of 256 values in a few milliseconds), so there is no graph or tree to
/// be built anew when one changes. For one thread at a time.
/// </summary>
public sealed class VectorSet(int dimensions)
{
    private readonly Dictionary<Guid, int> _slots = [];
    private readonly List<Guid> _ids = [];
    private readonly List<double> _lengths = [];
    private sbyte[] _values = [];

    public int Count => _ids.Count;

    public int Dimensions => dimensions;

    /// <summary>Of memory.</summary>
    public long Bytes => _values.LongLength + (_ids.Count * 64L);

    /// <summary>In place of what has this id.</summary>
    public void Put(Guid id, ReadOnlySpan<byte> direction)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(direction.Length, dimensions);
        if (!_slots.TryGetValue(id, out var slot))
        {
            slot = _ids.Count;
            _slots.Add(id, slot);
            _ids.Add(id);
            _lengths.Add(0);
            if ((slot + 1) * (long)dimensions > _values.LongLength)
            {
                Array.Resize(ref _values, checked(Math.Max(16, slot + (slot / 2) + 1) * dimensions));
            }
        }

        MemoryMarshal.Cast<byte, sbyte>(direction).CopyTo(Slot(slot));
        _lengths[slot] = LengthOf(Slot(slot));
    }

    /// <summary>The last one moves to its place.</summary>
    public bool Remove(Guid id)
    {
        if (!_slots.Remove(id, out var slot)) return false;

        var last = _ids.Count - 1;
        if (slot != last)
        {
            Slot(last).CopyTo(Slot(slot));
            (_ids[slot], _lengths[slot]) = (_ids[last], _lengths[last]);
            _slots[_ids[slot]] = slot;
        }

        _ids.RemoveAt(last);
        _lengths.RemoveAt(last);
        return true;
    }

    /// <summary>Those nearest by the cosine, the nearest first; of equal ones the smaller id.</summary>
    /// <param name="passes">Null: all do.</param>
    public IReadOnlyList<(Guid Id, double Cosine)> Nearest(ReadOnlySpan<byte> direction, int limit, Func<Guid, bool>? passes = null)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(direction.Length, dimensions);
        var asked = MemoryMarshal.Cast<byte, sbyte>(direction);
        var length = LengthOf(asked);
        var best = new PriorityQueue<Guid, (double Cosine, Guid Id)>(limit + 1, Worst.First);
        for (var slot = 0; slot < _ids.Count; slot++)
        {
            var place = (Cosine: Direction.Dot(asked, Slot(slot)) / (length * _lengths[slot]), Id: _ids[slot]);
            if (best.Count == limit && best.TryPeek(out _, out var worst) && Worst.First.Compare(place, worst) <= 0) continue;
            if (passes is not null && !passes(place.Id)) continue;

            best.Enqueue(place.Id, place);
            if (best.Count > limit)
            {
                best.Dequeue();
            }
        }

        var found = new (Guid, double)[best.Count];
        for (var i = found.Length - 1; best.TryDequeue(out var id, out var place); i--) found[i] = (id, place.Cosine);
        return found;
    }

    private Span<sbyte> Slot(int slot) => _values.AsSpan(slot * dimensions, dimensions);

    private static double LengthOf(ReadOnlySpan<sbyte> direction) => Math.Sqrt(Direction.Dot(direction, direction));

    private sealed class Worst : IComparer<(double Cosine, Guid Id)>
    {
        public static readonly Worst First = new();

        public int Compare((double Cosine, Guid Id) x, (double Cosine, Guid Id) y) => x.Cosine != y.Cosine ? x.Cosine.CompareTo(y.Cosine) : y.Id.CompareTo(x.Id);
    }
}
