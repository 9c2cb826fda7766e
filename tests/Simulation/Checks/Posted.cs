using System.Text;
using System.Text.Json;
using Agora.Application.Conversations;
using Agora.Journal;
using Agora.Simulation.Cluster;

namespace Agora.Simulation.Checks;

/// <summary>
/// What an agent's receiver took is in all what the agent could have read, page after page (<see cref="Reading"/>). A page that comes again, after a crash or because its answer was lost, is the same
/// page: the receiver knows it by its id.
/// </summary>
internal sealed class Posted(Core.Kernel.Tenant tenant, Reading reading, Conversations conversations, Findings findings)
{
    private readonly SortedDictionary<string, Reading.Walk> _walks = new(StringComparer.Ordinal);
    private readonly Dictionary<string, (string Agent, (RowPlace Row, int Index) Next)> _took = new(StringComparer.Ordinal);

    /// <summary>Pages that were taken.</summary>
    public int Count => _took.Count;

    /// <summary>It is to be posted from the first entry on.</summary>
    public void Begins(string agent) => _walks[agent] = new(agent, InboxPlace.Start.Order);

    public void Took(string agent, string id, ReadOnlyMemory<byte> body)
    {
        using var json = JsonDocument.Parse(body);
        var data = json.RootElement.GetProperty("data");
        var next = InboxPlace.Read(Listening.Cursors, tenant, data.GetProperty("next_cursor").GetString()!)!.Order;
        if (_took.TryGetValue(id, out var known))
        {
            findings.Expect(known == (agent, next), $"{id} was posted to {known.Agent}, and again to {agent} with another end.");
            return;
        }

        _took.Add(id, (agent, next));
        reading.Page(_walks[agent], [.. data.GetProperty("entries").EnumerateArray().Select(entry => Find(agent, entry)).OfType<PlacedEntry>()], next);
    }

    /// <summary>Whatever waited was due long ago.</summary>
    public void Over()
    {
        foreach (var walk in _walks.Values) reading.Over(walk);
    }

    // The same that is committed, or it would be none.
    private PlacedEntry? Find(string agent, JsonElement entry)
    {
        var (id, number) = (entry.GetProperty("conversation_id").GetString()!, entry.GetProperty("number").GetInt64());
        var (talk, content) = (conversations.Find(id), entry.GetProperty("content"));
        var known = talk?.Entries.ElementAtOrDefault((int)number - 1);
        findings.Expect(known is not null, $"{agent} was posted #{number} of {id}, which is not committed.");
        var said = (known?.Happened as Core.Conversations.ConversationEvent.Said)?.Content;
        var isSame = content.ValueKind == JsonValueKind.Null ? said is null || talk!.IsErased : said is not null && said.Utf8.Span.SequenceEqual(Encoding.UTF8.GetBytes(content.GetRawText()));
        findings.Expect(isSame, $"{agent} was posted something else than was said in #{number} of {id}.");
        return known;
    }
}
