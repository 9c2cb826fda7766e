using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;
using System.Diagnostics.Metrics;
using Tag = System.Collections.Generic.KeyValuePair<string, object?>;

namespace Agora.Api.Metrics;

/// <summary>
/// The series of one instrument, found by the tags of a measurement. Labels are written once a series: most measurements are taken on the
/// way of a request, where a text for each would cost more than all the rest of counting.
/// </summary>
/// <param name="byLabels">Of all instruments of this name: a process may have several of a kind, and two lines of the same labels are none that Prometheus takes.</param>
internal sealed class Family(Instrument instrument, ConcurrentDictionary<string, LabelledSeries> byLabels)
{
    private readonly ConcurrentDictionary<Tag[], LabelledSeries> _byTags = new(TagsComparer.Instance);

    public Instrument Instrument { get; } = instrument;

    public IEnumerable<LabelledSeries> Series => byLabels.Values;

    public bool TryFind(ReadOnlySpan<Tag> tags, [NotNullWhen(true)] out LabelledSeries? found) =>
        _byTags.GetAlternateLookup<ReadOnlySpan<Tag>>().TryGetValue(tags, out found);

    /// <summary>Tags that differ and read the same are one series.</summary>
    public LabelledSeries Add(ReadOnlySpan<Tag> tags, string labels)
    {
        var series = byLabels.GetOrAdd(labels, static (text, instrument) => new(text, Metrics.Series.For(instrument)), Instrument);
        return _byTags.GetOrAdd(tags.ToArray(), series);
    }

    private sealed class TagsComparer : IEqualityComparer<Tag[]>, IAlternateEqualityComparer<ReadOnlySpan<Tag>, Tag[]>
    {
        public static readonly TagsComparer Instance = new();

        public Tag[] Create(ReadOnlySpan<Tag> alternate) => alternate.ToArray();

        public bool Equals(Tag[]? x, Tag[]? y) => x is null ? y is null : y is not null && Equals(x.AsSpan(), y);

        public int GetHashCode(Tag[] obj) => GetHashCode(obj.AsSpan());

        public bool Equals(ReadOnlySpan<Tag> alternate, Tag[] other)
        {
            if (alternate.Length != other.Length) return false;

            for (var i = 0; i < other.Length; i++)
            {
                if (alternate[i].Key != other[i].Key || !Equals(alternate[i].Value, other[i].Value)) return false;
            }

            return true;
        }

        public int GetHashCode(ReadOnlySpan<Tag> alternate)
        {
            var hash = new HashCode();
            foreach (var (_, value) in alternate)
            {
                hash.Add(value);
            }

            return hash.ToHashCode();
        }
    }
}

/// <summary>A series, and its labels as Prometheus reads them.</summary>
internal sealed record LabelledSeries(string Labels, Series Series);
