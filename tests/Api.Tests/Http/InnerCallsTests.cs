using System.Runtime.CompilerServices;
using Agora.Api.Tests.Support;
using Agora.Application.Operations;
using Agora.Web;
using Microsoft.Extensions.DependencyInjection;

namespace Agora.Api.Tests.Http;

/// <summary>A page shows the event stream of one of our routes as its own.</summary>
public sealed class InnerCallsTests
{
    [Fact]
    public async Task A_reply_that_is_passed_on_and_fails_in_its_body_is_cut_off_at_the_door()
    {
        var feature = new Passed();
        await using var api = await RunningApi.Start(feature: feature);
        using var http = new HttpClient { BaseAddress = api.Client.Address };

        using var answer = await http.GetAsync("/passed", HttpCompletionOption.ResponseHeadersRead);
        feature.Read.SetResult();

        Assert.Equal("text/event-stream", answer.Content.Headers.ContentType?.MediaType);
        await Assert.ThrowsAnyAsync<IOException>(async () =>
        {
            await using var body = await answer.Content.ReadAsStreamAsync();
            await body.CopyToAsync(Stream.Null);
        });
    }

    private sealed class Passed : IFeature
    {
        private static readonly Operation<NoFields> Tell = new(Audience.Operators, "tell", "GET /admin/told", "Tell something") { Read = NoFields.Read, HasEvents = true, Data = typeof(Heard), DataExample = """{"words":"hello"}""" };

        /// <summary>A reset of the connection would discard a head that the client has not read.</summary>
        public TaskCompletionSource Read { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public void Map(Routes routes)
        {
            routes.Map(Tell, (OperatorCall _, NoFields _) => Task.FromResult(Reply.Streamed(EventStream.Type, Parts())));
            routes.Door("GET", "/passed", static http => http.RequestServices.GetRequiredService<InnerCalls>().Pass(http, new(ParentRequest.Of(new ReceivedRequest(http)), Tell, RunningApi.AdminKey, []) { Accept = EventStream.Type, Cancel = http.RequestAborted }));
        }

        private async IAsyncEnumerable<string> Parts([EnumeratorCancellation] CancellationToken cancel = default)
        {
            yield return "data: 1\n\n";
            await Read.Task.WaitAsync(cancel);
            throw new InvalidOperationException("A defect.");
        }

        private sealed record Heard(string Words);
    }
}
