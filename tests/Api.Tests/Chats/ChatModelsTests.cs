using Agora.Api.Tests.Models;

namespace Agora.Api.Tests.Chats;

/// <summary>Lists of models offer what can be called.</summary>
public sealed class ChatModelsTests
{
    [Fact]
    public async Task A_model_whose_provider_is_not_set_up_is_offered_only_where_another_stands_in_for_it()
    {
        await using var world = await ModelWorld.Start();
        await world.PutModel("here", "openai");
        await world.PutModel("away", "elsewhere");
        await world.PutModel("covered", "elsewhere", more: ",\"fallback\":[\"here\"]");
        await Route(world, "to-here", "here");
        await Route(world, "to-away", "away");
        await Route(world, "to-covered", "covered");
        var session = await world.Open();

        var chat = (await world.Api.Client.Get("/api/v2/chat/models", session.Token)).Expect(200).Data;
        var door = await world.Door.Get(session, "/openai/v1/models");

        Assert.Equal(["covered", "here", "to-covered", "to-here"], chat.GetProperty("models").EnumerateArray().Select(static model => model.GetProperty("model").GetString()));
        Assert.Contains("\"here\"", door, StringComparison.Ordinal);
        Assert.Contains("\"covered\"", door, StringComparison.Ordinal);
        Assert.DoesNotContain("away", door, StringComparison.Ordinal);
    }

    private static async Task Route(ModelWorld world, string id, string to) => (await world.Api.Client.Admin(HttpMethod.Put, $"/admin/services/{id}", $$"""{"name":"{{id}}","description":"Chooses","category":"model","max_price_cents":10000,"endpoint":"model:router","provider":"maker","routes":[{"to":"{{to}}"}]}""")).Expect(200);
}
