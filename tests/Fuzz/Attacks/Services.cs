using System.Text.Json;

namespace Agora.Fuzz.Attacks;

/// <summary>Services that attacks run: each is the demo's text service under another name, free, with nothing said about its input.</summary>
internal static class Services
{
    private const int Tries = 25;
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(200);

    public static async Task PutFree(Target target, string id)
    {
        var listed = (await target.Admin("GET", "/admin/services?limit=100")).Done().GetProperty("services").EnumerateArray();
        var endpoint = listed.First(service => service.GetProperty("service_id").GetString() == "text-summary").GetProperty("endpoint").GetString();
        var put = $$"""{"name":"Free","description":"Costs nothing","category":"text","price_cents":0,"endpoint":"{{endpoint}}","provider":"attack-provider"}""";
        (await target.Admin("PUT", $"/admin/services/{id}", put)).Done();
    }

    /// <summary>What operators put is found by agents within a second or two.</summary>
    public static async Task<Answered> Eventually(Func<Task<Answered>> ask)
    {
        var answered = await EventuallyFound(ask);
        answered.Done();
        return answered;
    }

    /// <summary>The same, whatever else is answered.</summary>
    public static async Task<Answered> EventuallyFound(Func<Task<Answered>> ask)
    {
        for (var tries = 1; ; tries++)
        {
            var answered = await ask();
            if (answered.Status != 404 || tries == Tries) return answered;

            await Task.Delay(Pause);
        }
    }

    /// <summary>The data of a request that was to succeed.</summary>
    /// <exception cref="InvalidOperationException">It did not.</exception>
    public static JsonElement Done(this Answered answered) =>
        answered.Status is >= 200 and < 300 ? answered.Json.GetProperty("data") : throw new InvalidOperationException($"{answered.Status} {answered.Text}");
}
