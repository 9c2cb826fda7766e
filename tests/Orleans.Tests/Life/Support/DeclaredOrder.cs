using Xunit.Abstractions;
using Xunit.Sdk;

namespace Agora.Orleans.Tests.Life.Support;

/// <summary>Tests in the order in which they stand in their class, so that a table of what they measured reads the same each time.</summary>
public sealed class DeclaredOrder : ITestCaseOrderer
{
    public IEnumerable<TTestCase> OrderTestCases<TTestCase>(IEnumerable<TTestCase> testCases)
        where TTestCase : ITestCase =>
        testCases.OrderBy(test => test.TestMethod.Method.ToRuntimeMethod().MetadataToken);
}
