using System.Collections.Immutable;
using System.Text;
using System.Text.Json;
using Agora.Api.Documents;
using Agora.Api.Runs;
using Agora.Api.Tests.Support;
using Agora.Application.Flow;
using Agora.Application.Operations;
using Agora.Application.Values;
using Agora.Web;
using Microsoft.Extensions.DependencyInjection;

namespace Agora.Api.Tests.Runs;

/// <summary>The published schemas come from the types, so what is written by hand must be what the serializer would write.</summary>
public sealed class RunDataTests
{
    private static readonly BudgetData Budget = new(new(1_000_000), new(2_500), new(0), new(997_500));

    [Fact]
    public void A_run_with_all_its_members_is_written_as_the_serializer_writes_it() => Same(new RunData(
        "run", "service \"<é\u2028>\"", "succeeded", RawJson.Of("""{"a":[1,2.50]}"""),
        new("payment", new(250_000), new(2_500), new(10_000), "A & Söhne", "sponsor", "posted", new("campaign", "survey"), "It ends first.", RelatedParty: true), Budget, new("upstream_failed", "new_key"), new(DateTimeOffset.UnixEpoch.AddTicks(12_345_670)),
        [new("daily_cap", "user-1", new(1_000_000), new(190_000))]));

    [Fact]
    public void A_run_without_the_members_that_may_be_null_is_written_as_the_serializer_writes_it() =>
        Same(new RunData("run", "service", "pending", null, null, Budget, null, null));

    [Fact]
    public void A_payment_by_nobody_is_written_as_the_serializer_writes_it() =>
        Same(new PaymentData("payment", new(0), new(0), new(0), "nobody", "free", "posted", new("none", null), "The service is free.", RelatedParty: false));

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Next_actions_are_as_their_published_schema_says_and_have_no_member_besides(bool full)
    {
        await using var api = await RunningApi.Start();
        var operations = api.Services.GetRequiredService<OperationTable>();
        var published = new ReplySchemas().Components()["NextAction"]!.AsObject();
        published["additionalProperties"] = false;
        var schema = JsonSchema.Schema.Compile(Encoding.UTF8.GetBytes(published.ToJsonString())).Schema!;
        var odd = Actions.EndSession with { Params = ImmutableSortedDictionary.Create<string, string>(StringComparer.Ordinal).Add("b", "\"").Add("a", "é"), IdempotencyKey = "k" };

        foreach (var action in new[] { Actions.FlowStatus, NextAction.Authenticate, Actions.AuthenticateAsking, Actions.GetRun(Guid.Empty), Actions.GetTask("survey"), odd })
        {
            using var written = JsonDocument.Parse(Written(writer => action.Write(writer, new("r", full, HasTemplates: false, IsProblem: false, IsPlain: false, null, operations))));
            Assert.Empty(schema.Validate(written.RootElement));
        }
    }

    internal static void Same<T>(T data)
        where T : IWrittenData => Assert.Equal(JsonSerializer.Serialize(data, ApiJson.Options), Written(data.Write));

    private static string Written(Action<Utf8JsonWriter> write)
    {
        using var stream = new MemoryStream();
        using (var writer = new Utf8JsonWriter(stream, ApiJson.WriterOptions))
        {
            write(writer);
        }

        return Encoding.UTF8.GetString(stream.ToArray());
    }
}
