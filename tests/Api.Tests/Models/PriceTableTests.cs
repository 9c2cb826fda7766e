using Agora.Api.Tests.Support;

namespace Agora.Api.Tests.Models;

/// <summary>Prices as people's programs write them: dollars of public tables, multiplied in floating point, or with zeros and exponents.</summary>
public sealed class PriceTableTests
{
    [Theory]
    [InlineData("10.00000", "10.10000000", "10", "10.1")]
    [InlineData("1e1", "1.0E2", "10", "100")]
    [InlineData("19.999999999999998", "7.000000000000001", "20", "7")]
    [InlineData("0.30000000000000004", "4.9999999999999996", "0.3", "5")]
    [InlineData("0", "2.5e-3", "0", "0.0025")]
    public async Task Prices_are_the_numbers_that_they_are(string input, string output, string storedInput, string storedOutput)
    {
        await using var api = await RunningApi.Start();

        (await Put(api, input, output)).Expect(200);

        var rate = (await api.Client.Admin(HttpMethod.Get, "/admin/services/priced")).Expect(200).Data.GetProperty("model").GetProperty("prices")[0].GetProperty("rates")[0];
        Assert.Equal((storedInput, storedOutput), (rate.GetProperty("input_cents").GetRawText(), rate.GetProperty("output_cents").GetRawText()));
    }

    [Theory]
    [InlineData("2.08333333333333")]
    [InlineData("0.00005")]
    [InlineData("-1")]
    [InlineData("\"10\"")]
    public async Task A_price_that_no_amount_is_is_refused_and_the_refusal_says_why(string input)
    {
        await using var api = await RunningApi.Start();

        var refused = (await Put(api, input, "1")).Refused(422, "validation_failed");

        Assert.Contains("cents", refused.Json.ToString(), StringComparison.Ordinal);
    }

    private static Task<Received> Put(RunningApi api, string input, string output) => api.Client.Send(HttpMethod.Put, "/admin/services/priced", RunningApi.AdminKey, $$$"""
        {"name":"p","description":"p","category":"model","provider":"house","max_price_cents":1000,"endpoint":"model:some",
         "model":{"name":"x","max_output_tokens":8192,"default_output_tokens":512,"prices":[{"version":1,"from":"2027-01-01T00:00:00Z","rates":[{"input_cents":{{{input}}},"output_cents":{{{output}}}}]}]}}
        """);
}
