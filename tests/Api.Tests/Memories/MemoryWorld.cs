using System.Text.Json;
using Agora.Api.Tests.Models;
using Agora.Api.Tests.Support;
using Agora.Contracts;
using Agora.Journal;
using Agora.ScriptedModels;
using Agora.Testing;
using Agora.Web;

namespace Agora.Api.Tests.Memories;

/// <summary>The API with a model that makes vectors, where texts of one subject point the same way.</summary>
internal sealed class MemoryWorld : IAsyncDisposable
{
    public const string Model = "vectors";

    private static readonly string[][] Subjects = [["tea", "coffee", "drink"], ["violin", "music", "plays"], ["Oslo", "lives", "city"]];

    private MemoryWorld(ModelWorld models) => Models = models;

    public ModelWorld Models { get; }

    public Client Client => Models.Api.Client;

    public static async Task<MemoryWorld> Start(IJournal? store = null, Script? script = null, bool isNew = true, Func<IEntities, IEntities>? edge = null, IFeature? feature = null)
    {
        var world = new MemoryWorld(await ModelWorld.Start((script ?? new()) with { Vectors = VectorOf }, store: store, edge: edge, feature: feature));
        if (isNew)
        {
            await world.Models.PutOther(Model, "openai", "embeddings");
            await world.Models.PutOther("others", "openai_chat", "embeddings");
        }

        return world;
    }

    /// <summary>A direction for each subject, and one that all texts have.</summary>
    public static IReadOnlyList<float> VectorOf(string text) => [.. Subjects.Select(words => words.Any(word => text.Contains(word, StringComparison.OrdinalIgnoreCase)) ? 1f : 0f), 0.25f];

    public Task<ModelSession> Open(string user = "ann", string agent = "agent-1", string budgetCents = "1000") => Models.Open(budgetCents, user, agent);

    public Task<Support.Received> Keep(ModelSession session, string text, bool pinned = false, string? model = Model, string? key = null) =>
        Client.Post("/api/v2/memories", session.Token, Body(text, pinned, model), key is null ? [] : [("Idempotency-Key", key)]);

    public async Task<string> Kept(ModelSession session, string text, bool pinned = false, string? model = Model) => IdOf((await Keep(session, text, pinned, model)).Expect(201));

    public Task<Support.Received> List(ModelSession session, string query = "") => Client.Get($"/api/v2/memories{query}", session.Token);

    public Task<Support.Received> Get(ModelSession session, string id) => Client.Get($"/api/v2/memories/{id}", session.Token);

    public Task<Support.Received> Edit(ModelSession session, string id, string text, bool pinned = false, string? model = Model, string? key = null) =>
        Client.Send(HttpMethod.Put, $"/api/v2/memories/{id}", session.Token, Body(text, pinned, model), key is null ? [] : [("Idempotency-Key", key)]);

    public Task<Support.Received> Forget(ModelSession session, string id, string? key = null) => Client.Send(HttpMethod.Delete, $"/api/v2/memories/{id}", session.Token, null, key is null ? [] : [("Idempotency-Key", key)]);

    public Task<Support.Received> Search(ModelSession session, string query, string? model = Model, int limit = 10, string? key = null) =>
        Client.Post("/api/v2/memories/search", session.Token, JsonSerializer.Serialize(new { query, limit, model }), key is null ? [] : [("Idempotency-Key", key)]);

    public async Task<IReadOnlyList<string>> Found(ModelSession session, string query, string? model = Model, int limit = 10) => Found((await Search(session, query, model, limit)).Expect(200));

    public static IReadOnlyList<string> Found(Support.Received searched) => [.. searched.Data.GetProperty("memories").EnumerateArray().Select(one => one.GetProperty("memory").GetProperty("text").GetString()!)];

    public static IReadOnlyList<string> Texts(Support.Received listed) => [.. listed.Data.GetProperty("memories").EnumerateArray().Select(one => one.GetProperty("text").GetString()!)];

    public static string IdOf(Support.Received written) => written.Data.GetProperty("memory").GetProperty("memory_id").GetString()!;

    public ValueTask DisposeAsync() => Models.DisposeAsync();

    private static string Body(string text, bool pinned, string? model) => JsonSerializer.Serialize(new { text, pinned, model });
}

/// <summary>One that is there for several processes, and is closed by none of them.</summary>
internal sealed class OpenJournal(IJournal inner) : DelegatingJournal(inner)
{
    public override ValueTask DisposeAsync() => ValueTask.CompletedTask;
}
