using System.Reflection;
using Agora.Api.Flow;
using Agora.Api.Http;
using Agora.Api.Language;
using Agora.Api.Tests.Support;
using Agora.Core.Access;
using Agora.Core.Kernel;
using Agora.Core.Runs;
using Agora.Core.Sessions;
using Agora.Core.Users;

namespace Agora.Api.Tests.Language;

/// <summary>What is said is said in Japanese to who asks for it; names, ids and values stay.</summary>
public sealed class WordsTests
{
    [Fact]
    public void Every_code_has_its_Japanese() => Assert.All(Refusals.AllCodes, code => Assert.True(Words.Japanese.HasCode(code), code));

    [Fact]
    public void Every_description_that_is_offered_has_its_Japanese()
    {
        var offered = typeof(Actions).GetProperties(BindingFlags.Public | BindingFlags.Static).Select(p => p.GetValue(null)).OfType<NextAction>()
            .Append(Actions.GetTask("a")).Append(Actions.GetRun(Guid.Empty)).Append(Actions.FindServicesUpTo(1)).Select(action => action.Description)
            .Concat([Agora.Api.Runs.RunEndpoints.Run.Advice, Agora.Api.Tasks.TaskEndpoints.Complete.Advice, Agora.Api.Sessions.DelegationEndpoints.Delegate.Advice])
            .Concat(Literals(typeof(Corrections.Says))).Concat(Literals(typeof(EmptyBecause))).ToList();

        Assert.True(offered.Count > 25, $"{offered.Count}");
        Assert.All(offered, text => Assert.True(Words.Japanese.Find(text) is { } own && own.Any(c => c > 0x3000), text));
    }

    [Fact]
    public void Every_standing_refusal_of_an_agent_that_is_no_matter_of_timing_has_its_own_sentence()
    {
        Type[] rejections = [typeof(AccessRejection), typeof(RunRejection), typeof(SessionRejection), typeof(UserRejection)];
        string[] passing = [Codes.Unavailable, Codes.ValidationFailed, Codes.IdempotencyInFlight];
        string[] operators = ["NotFound", "NoSuchGrant", "NoApproval", "NobodyActs", "OutputCannotBeKept", "TooManyDelegations", "TooManyDelegationsOfAgent", "BranchEnded"];
        var standing = rejections.SelectMany(type => type.GetFields(BindingFlags.Public | BindingFlags.Static)).Where(f => !operators.Contains(f.Name))
            .Select(f => f.GetValue(null)).OfType<Rejection>().Where(r => !passing.Contains(r.Code)).ToList();

        Assert.True(standing.Count > 20, $"{standing.Count}");
        Assert.All(standing.Where(r => r.Code is not (Codes.RunCancelled or Codes.RunDecided)), r => Assert.True(Words.Japanese.Find(r.Message) is not null, r.Message));
    }

    [Fact]
    public void Values_keep_their_places()
    {
        var over = Words.Japanese.Of(RunRejection.OverBudget("s", 250_000, 123_400));

        Assert.Equal("実行には 25 セントかかり、セッションの予算は残り 12.34 セントです。", over);
        Assert.Equal("1 分間のリクエストが 30 件を超えました。7 秒待ってください。", Words.Japanese.Of(SessionRejection.RateLimited(30, 7)));
        Assert.Equal("有効なサービス 'a.*(b)' はありません。", Words.Japanese.Of(RunRejection.ServiceNotFound("a.*(b)")));
    }

    [Fact]
    public void A_sentence_without_translation_says_what_its_code_means() =>
        Assert.Equal(Words.Japanese.Of(new Rejection(Codes.NotFound, "Nobody has translated this.")), Words.Japanese.Of(new Rejection(Codes.NotFound, "Nor this.")));

    [Theory]
    [InlineData("ja", true)]
    [InlineData("ja-JP, en;q=0.5", true)]
    [InlineData("en, ja;q=0.5", false)]
    [InlineData("fr, ja;q=0.2", true)]
    [InlineData("fr", false)]
    [InlineData("ja;q=0", false)]
    [InlineData("*", false)]
    [InlineData(";;;", false)]
    public async Task Who_asks_for_Japanese_gets_it(string wanted, bool japanese)
    {
        await using var api = await RunningApi.Start();
        await api.Client.Load();
        var token = await api.Client.OpenSession();

        var refused = (await api.Client.Send(HttpMethod.Get, "/agent/services?limit=0", token, null, ("Accept-Language", wanted))).Refused(422, "validation_failed");

        Assert.Equal(japanese, refused.Error.GetProperty("message").GetString()!.Any(c => c > 0x3000));
        Assert.Equal(japanese, refused.Error.GetProperty("details")[0].GetProperty("message").GetString() == "1 から 100 までの整数。");
        Assert.Equal(japanese, refused.NextActions[0].GetProperty("description").GetString()!.Any(c => c > 0x3000));
        Assert.Equal(("limit", "search_services"), (refused.Error.GetProperty("details")[0].GetProperty("path").GetString(), refused.ActionNames[0]));
    }

    [Fact]
    public async Task The_reply_says_its_language()
    {
        await using var api = await RunningApi.Start();
        using var http = new HttpClient { BaseAddress = api.Client.Address };
        http.DefaultRequestHeaders.Add("Accept-Language", "ja");

        using var reply = await http.GetAsync("/");

        Assert.Equal(["ja"], reply.Content.Headers.ContentLanguage);
    }

    private static IEnumerable<string> Literals(Type type) => type.GetFields(BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Static).Where(f => f.IsLiteral).Select(f => (string)f.GetRawConstantValue()!);
}
