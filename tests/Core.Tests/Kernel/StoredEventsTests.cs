using System.Text.Json;
using System.Text.Json.Nodes;
using Agora.Core.Kernel;

namespace Agora.Core.Tests.Kernel;

/// <summary>
/// Stored events of every version ever written are kept, in Stored/*.json, and must decode for ever. A new event or version adds
/// an entry (the test that misses it says which); no entry is ever changed or taken away.
/// </summary>
public sealed class StoredEventsTests
{
    public static TheoryData<string> Kinds => [.. Manifest.Kinds];

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Every_event_that_is_written_today_is_kept(string kind) => Manifest.Find(kind)!.Use(new Kept());

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Every_event_that_was_ever_written_is_read(string kind) => Manifest.Find(kind)!.Use(new Read());

    private static void AllAreKept<TEvent>(string feature, UnionCodec<TEvent> codec)
        where TEvent : class
    {
        var kept = KeptOf(feature).Select(e => (e.Name, e.Version)).ToHashSet();
        var missing = codec.Cases.SelectMany(Samples.Each).Select(e => codec.Encode((TEvent)e)).Where(e => !kept.Contains((e.Name, e.Version))).Select(Line).ToList();
        Assert.True(missing.Count == 0, $"Add to Stored/{feature}.json:\n{string.Join(",\n", missing)}");
    }

    private static void AllAreRead<TEvent>(string feature, UnionCodec<TEvent> codec)
        where TEvent : class
    {
        var today = codec.Cases.SelectMany(Samples.Each).Select(e => codec.Encode((TEvent)e)).Select(e => (e.Name, e.Version)).ToHashSet();
        foreach (var stored in KeptOf(feature))
        {
            var read = codec.Decode(stored.Name, stored.Version, JsonSerializer.SerializeToUtf8Bytes(stored.Payload, StoredJson.Options), stored.Personal is { } p ? Personal.Of(p) : null);
            if (today.Contains((stored.Name, stored.Version)))
            {
                // Written again it is the same: nothing of what was stored is dropped.
                var again = codec.Encode(read);
                Assert.True(JsonNode.DeepEquals(stored.Payload, JsonNode.Parse(again.Payload)), $"{stored.Name} {stored.Version} is read as {System.Text.Encoding.UTF8.GetString(again.Payload)}");
                Assert.Equal(stored.Personal, again.Personal?.Read<string>());
            }
        }
    }

    private static string Line(EncodedCase e) => JsonSerializer.Serialize(
        new Stored(e.Name, e.Version, JsonNode.Parse(e.Payload)!.AsObject(), e.Personal?.Read<string>()), StoredJson.Options);

    private static IReadOnlyList<Stored> KeptOf(string feature)
    {
        using var file = typeof(StoredEventsTests).Assembly.GetManifestResourceStream($"Stored.{feature}.json");
        return file is null ? [] : JsonSerializer.Deserialize<List<Stored>>(file, StoredJson.Options)!;
    }

    private sealed class Kept : IEntityUse<bool>
    {
        public bool Of<TState, TCommand, TEvent>(Entity<TState, TCommand, TEvent> entity)
            where TState : class
            where TCommand : class
            where TEvent : class
        {
            AllAreKept(FeatureOf<TState>(), entity.Events);
            return true;
        }
    }

    private sealed class Read : IEntityUse<bool>
    {
        public bool Of<TState, TCommand, TEvent>(Entity<TState, TCommand, TEvent> entity)
            where TState : class
            where TCommand : class
            where TEvent : class
        {
            AllAreRead(FeatureOf<TState>(), entity.Events);
            return true;
        }
    }

    private static string FeatureOf<TState>() => typeof(TState).Name.Replace("State", "", StringComparison.Ordinal);

    private sealed record Stored(string Name, int Version, JsonObject Payload, string? Personal);
}
