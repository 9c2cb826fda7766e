using System.Text;
using System.Text.Json;
using Agora.Core.Chats;
using Agora.Core.Runs;
using Agora.Core.Services;
using Agora.Simulation.Clients;

namespace Agora.Simulation.Cluster;

/// <summary>Services that judge how a text sounds. What they answer follows from the text alone, so that whoever looks knows whose answer it is; a third of them take longer than anybody waits, and are right then.</summary>
public static class FakeMoods
{
    private static readonly TimeSpan SlowAtMost = TimeSpan.FromSeconds(18);

    /// <summary>One costs nothing, and one about what a session may spend.</summary>
    public static IReadOnlyList<ServiceTerms> All { get; } = [Terms("mood", 10_000), Terms("mood-dear", 70_000), Terms("mood-free", 0)];

    public static bool IsOne(string serviceId) => All.Any(service => service.ServiceId == serviceId);

    /// <summary>Null: it answers in a form that nobody wants.</summary>
    public static (string Label, int Thousandths)? Of(string text)
    {
        var drawn = text.Aggregate(17, static (sum, c) => unchecked((sum * 31) + c)) & int.MaxValue;
        return drawn % 8 == 0 ? null : (ChatSentiment.Labels[drawn % 3], (drawn % ((2 * ChatSentiment.Most) + 1)) - ChatSentiment.Most);
    }

    public static TimeSpan Takes(Random random, TimeSpan usually) => (random.Next(3) == 0 ? SlowAtMost : usually) * random.NextDouble();

    public static byte[] Answer(ServiceCall call)
    {
        var said = Of(JsonElement.Parse(call.Body.Span).GetProperty("text").GetString()!);
        return said is var (label, score) ? JsonSerializer.SerializeToUtf8Bytes(new { label, score = (decimal)score / ChatSentiment.Most }) : Encoding.UTF8.GetBytes("""{"label":"furious","score":0}""");
    }

    private static ServiceTerms Terms(string id, long price) => new(id, Catalogue.Category, price, "provider-1", null, Disabled: false);
}
