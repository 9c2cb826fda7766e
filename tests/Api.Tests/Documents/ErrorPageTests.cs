using System.Text.Json;
using System.Text.Json.Nodes;
using Agora.Api.Tests.Support;
using Agora.Core.Kernel;
using Agora.Web;

namespace Agora.Api.Tests.Documents;

public sealed class ErrorPageTests
{
    [Fact]
    public void Every_code_has_a_page_and_every_page_is_of_a_code() => Assert.Equal(Refusals.AllCodes, ErrorPages.All.Select(page => page.Code));

    [Fact]
    public void Each_page_says_status_and_retry_as_the_table_does_when_and_what_to_do()
    {
        foreach (var page in ErrorPages.All)
        {
            Assert.Contains($"**{page.Title}** Status {Codes.StatusOf(page.Code)}, retry `{Codes.RetryOf(page.Code).Name()}`.\n", page.Text, StringComparison.Ordinal);
            Assert.Contains("\nWhen: ", page.Text, StringComparison.Ordinal);
            Assert.Contains("\nWhat to do: ", page.Text, StringComparison.Ordinal);
        }

        Assert.Equal(Refusals.AllCodes.Count, ErrorPages.All.Select(page => page.Title).Distinct(StringComparer.Ordinal).Count());
    }

    [Fact]
    public async Task Each_example_is_as_the_OpenAPI_document_has_refusals()
    {
        await using var api = await RunningApi.Start();
        var document = JsonNode.Parse(await api.Client.Text("/openapi/v1.json"))!.AsObject();
        var compiled = new PublishedSchemas(document).Of(new JsonObject { ["$ref"] = "#/components/schemas/Error" });
        foreach (var page in ErrorPages.All)
        {
            using var example = JsonDocument.Parse(page.Text.Split("```json")[1].Split("```")[0]);
            Assert.True(compiled.Validate(example.RootElement) is [], page.Code);
            Assert.Equal(page.Code, example.RootElement.GetProperty("error").GetProperty("code").GetString());
        }
    }

    [Fact]
    public async Task Each_page_is_served_where_problem_details_name_it()
    {
        await using var api = await RunningApi.Start();
        foreach (var page in ErrorPages.All)
        {
            Assert.Equal(page.Text, await api.Client.Text(Problem.TypeOf(page.Code)));
        }

        (await api.Client.Get("/errors/no_such_code")).Refused(404, "not_found");
        (await api.Client.Get("/errors/NOT_FOUND")).Refused(404, "not_found");
    }
}
